import type { KubeObject, ObjectRef } from '../cluster/port.ts';
import type { RenderedTrial } from '../model/trial.ts';

/** What a trial expects to find in its slot, each once: what it patches, waits for or measures by name, or its setup mounts; not its own Job. */
export function wantedObjects({ patches, readinessGates, metrics, job, setup }: RenderedTrial): ObjectRef[] {
  const refs: ObjectRef[] = [
    ...patches.map(({ target }) => target),
    ...readinessGates.flatMap(({ apiVersion, kind, name }) => (name === undefined ? [] : [{ apiVersion, kind, name }])),
    ...metrics.flatMap((metric) => {
      if (metric.type !== 'kubernetes' || metric.target?.name === undefined) return [];
      const { apiVersion, kind, name } = metric.target;
      return [{ apiVersion, kind: kind.replace(/List$/, ''), name }];
    }),
    ...mountedConfigMaps(setup?.create),
  ];
  const own = new Set([job, ...(setup?.configMaps ?? [])].map((object) => refKey(refOf(object as KubeObject))));
  const wanted = refs.map(({ apiVersion, kind, name }) => ({ apiVersion, kind, name })).filter((ref) => !own.has(refKey(ref)));
  return [...new Map(wanted.map((ref) => [refKey(ref), ref])).values()];
}

function mountedConfigMaps(job: any): ObjectRef[] {
  const volumes: any[] = job?.spec.template.spec.volumes ?? [];
  return volumes.flatMap(({ configMap }) =>
    configMap?.name === undefined ? [] : [{ apiVersion: 'v1', kind: 'ConfigMap', name: configMap.name }],
  );
}

/** The kinds of all that a trial looks at, also of what it knows by labels alone. */
export function wantedKinds(rendered: RenderedTrial): Pick<ObjectRef, 'apiVersion' | 'kind'>[] {
  const measured = rendered.metrics.flatMap((metric) =>
    metric.type === 'kubernetes' && metric.target !== undefined ? [metric.target] : [],
  );
  return [
    ...wantedObjects(rendered),
    ...rendered.readinessGates,
    ...measured.map(({ apiVersion, kind }) => ({ apiVersion, kind: kind.replace(/List$/, '') })),
  ];
}

/** The same for references that mean the same object of a slot. */
export function refKey({ apiVersion, kind, name }: ObjectRef): string {
  return `${apiVersion} ${kind} ${name}`;
}

/** An object as what refers to it from its own namespace. */
export function refOf({ apiVersion, kind, metadata: { name } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name };
}
