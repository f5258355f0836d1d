import { ownField } from '../../../kubernetes/patches/own-fields.ts';
import type { Store, StoredObject } from '../../store.ts';
import { HOST_IP } from '../pod-status.ts';
import { expandReferences } from './expand-references.ts';

/** A container's variables or, when something that it refers to is not there, why it cannot be created. */
export type Environment = { variables: Record<string, string> } | { refused: string };

/**
 * Resolves `envFrom` and `env` in order (kubernetes/pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables): values with `$(NAME)`, keys
 * of ConfigMaps and Secrets, and fields of the pod. References to resources are refused.
 */
export function containerEnvironment(store: Pick<Store, 'kind' | 'get'>, pod: StoredObject, container: any): Environment {
  const variables: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const { kind, reference } = source.configMapRef
      ? { kind: 'ConfigMap' as const, reference: source.configMapRef }
      : { kind: 'Secret' as const, reference: source.secretRef };
    const data = readData(store, pod, kind, reference.name);
    if (data === undefined && reference.optional !== true) return { refused: missingObject(kind, reference.name) };
    for (const [key, value] of Object.entries(data ?? {})) variables[`${source.prefix ?? ''}${key}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved = valueFrom ? resolve(store, pod, name, valueFrom) : { value: expandReferences(value ?? '', variables) };
    if ('refused' in resolved) return resolved;
    if (resolved.value !== undefined) variables[name] = resolved.value;
  }
  return { variables };
}

/** The text of all keys of a ConfigMap or Secret; undefined when it is not there. */
export function readData(
  store: Pick<Store, 'kind' | 'get'>,
  { metadata }: StoredObject,
  kind: 'ConfigMap' | 'Secret',
  name: string,
): Record<string, string> | undefined {
  const object = store.get(store.kind('v1', kind), metadata.namespace, name);
  if (object === undefined || kind === 'ConfigMap') return object && { ...object['data'] };
  const decoded = Object.entries<string>(object['data'] ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
  return Object.fromEntries(decoded);
}

export function missingObject(kind: 'ConfigMap' | 'Secret', name: string): string {
  return `${kind.toLowerCase()} "${name}" not found`;
}

type Resolved = { value: string | undefined } | { refused: string };

function resolve(store: Pick<Store, 'kind' | 'get'>, pod: StoredObject, variable: string, source: any): Resolved {
  if (source.fieldRef) return resolveField(pod, variable, source.fieldRef.fieldPath);
  if (source.configMapKeyRef) return resolveKey(store, pod, 'ConfigMap', source.configMapKeyRef);
  if (source.secretKeyRef) return resolveKey(store, pod, 'Secret', source.secretKeyRef);
  return { refused: `variable ${variable}: the sandbox knows values of fields, ConfigMaps and Secrets, not ${Object.keys(source)[0]}` };
}

function resolveKey(
  store: Pick<Store, 'kind' | 'get'>,
  pod: StoredObject,
  kind: 'ConfigMap' | 'Secret',
  { name, key, optional }: any,
): Resolved {
  const data = readData(store, pod, kind, name);
  const value = data && ownField(data, key);
  if (value !== undefined || optional === true) return { value };
  if (data === undefined) return { refused: missingObject(kind, name) };
  return { refused: `couldn't find key ${key} in ${kind} ${pod.metadata.namespace}/${name}` };
}

function resolveField({ metadata, spec, status }: StoredObject, variable: string, path: string): Resolved {
  const [, list, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (list !== undefined) return { value: ownField(metadata[list] ?? {}, key!) ?? '' };
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': HOST_IP,
    'status.podIP': status?.podIP ?? '',
  };
  if (Object.hasOwn(fields, path)) return { value: fields[path] };
  return { refused: `variable ${variable}: the sandbox does not know the field ${path}` };
}
