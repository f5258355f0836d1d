import { structNamed, type Scalar, type TypeSchema } from '../../kubernetes/schema/schema.ts';

type Path = readonly (string | number)[];

/** Whether Kubernetes wants a string at this path of a batch/v1 Job manifest; false for IntOrString fields and for unknown paths. */
export function jobStringField(path: Path): boolean {
  return stringField('Job', path);
}

/**
 * Whether Kubernetes wants a string at this path of a type of its API, such as `Volume` or `EnvVar`; quantities and times are strings.
 * False for IntOrString fields and for unknown paths. Throws for a type that the table of API types does not have.
 */
export function stringField(type: string, path: Path): boolean {
  const found = path.reduce<TypeSchema | undefined>(typeWithin, { is: 'struct', name: type });
  return found?.is === 'scalar' && STRINGS.has(found.scalar);
}

const STRINGS: ReadonlySet<Scalar> = new Set<Scalar>(['string', 'quantity', 'time', 'microTime', 'bytes']);

function typeWithin(type: TypeSchema | undefined, segment: string | number): TypeSchema | undefined {
  switch (type?.is) {
    case 'struct':
      return structNamed(type.name).fields.get(String(segment))?.type;
    case 'list':
      return typeof segment === 'number' ? type.of : undefined;
    case 'map':
      return type.of;
    default:
      return undefined;
  }
}
