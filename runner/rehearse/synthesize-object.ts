import type { KubeObject, ObjectRef } from '../cluster/port.ts';
import type { RenderedPatch } from '../model/trial.ts';

/** On objects that a rehearsal made up, and on the pods of those. */
export const SYNTHESIZED_ANNOTATION = 'fieldtrial.dev/synthesized';

type Patch = Pick<RenderedPatch, 'type' | 'body'>;

/** A smallest object of its kind that these patches fit on: with the containers, volumes and fields that they name. */
export function synthesizeObject(ref: ObjectRef, patches: readonly Patch[]): KubeObject {
  const bodies = patches.filter(({ type }) => type !== 'json').map(({ body }) => (body ?? {}) as any);
  const operations = patches.filter(({ type }) => type === 'json').flatMap(({ body }) => (body ?? []) as Operation[]);
  const blank = blankObject(ref, bodies);
  for (const operation of operations) prepareFor(operation, blank);
  return completeObject(blank);
}

/** How where a workload's pods are described, by kind. */
const POD_SPECS: Record<string, readonly string[]> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** What a kind cannot be without, besides its pods. */
const REQUIRED: Record<string, (name: string) => Record<string, unknown>> = {
  Deployment: selecting,
  StatefulSet: (name) => ({ ...selecting(name), serviceName: name }),
  DaemonSet: selecting,
  ReplicaSet: selecting,
  ReplicationController: (name) => ({ selector: { app: name } }),
  CronJob: () => ({ schedule: '0 0 1 1 *', suspend: true }),
  Service: (name) => ({ selector: { app: name }, ports: [{ port: 80 }] }),
  HorizontalPodAutoscaler: (name) => ({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, maxReplicas: 1000 }),
  PodDisruptionBudget: selecting,
  PersistentVolumeClaim: () => ({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }),
  Ingress: (name) => ({ defaultBackend: { service: { name, port: { number: 80 } } } }),
  NetworkPolicy: () => ({ podSelector: {} }),
  LimitRange: () => ({ limits: [] }),
};

/** Kinds whose content stands beside the metadata. */
const WITHOUT_SPEC = new Set(['ConfigMap', 'Secret', 'ServiceAccount', 'Role', 'RoleBinding', 'Endpoints']);

function selecting(name: string): Record<string, unknown> {
  return { selector: { matchLabels: { app: name } } };
}

function blankObject({ apiVersion, kind, name }: ObjectRef, bodies: readonly any[]): KubeObject {
  const metadata = { name, labels: { app: name }, annotations: { [SYNTHESIZED_ANNOTATION]: 'true' } };
  // One that nothing patches may be looked through for values files.
  if (kind === 'ConfigMap' && bodies.length === 0) return { apiVersion, kind, metadata, data: { 'values.yaml': '' } };
  if (WITHOUT_SPEC.has(kind)) return { apiVersion, kind, metadata };
  const object: KubeObject = { apiVersion, kind, metadata, spec: structuredClone(REQUIRED[kind]?.(name) ?? {}) };
  const path = POD_SPECS[kind];
  if (path !== undefined) setAt(object, path, podSpec(bodies.map((body) => getAt(body, path) ?? {})));
  return object;
}

function podSpec(patched: readonly any[]): Record<string, unknown> {
  const named = (list: string) => [
    ...new Set(
      patched.flatMap((spec) => listOf(spec[list]).flatMap(({ name, $patch }) => (name && $patch !== 'delete' ? [String(name)] : []))),
    ),
  ];
  const mounts = patched
    .flatMap((spec) => [...listOf(spec.containers), ...listOf(spec.initContainers)])
    .flatMap(({ volumeMounts }) => listOf(volumeMounts));
  const volumes = [...new Set(mounts.map(({ name }) => String(name)))].filter((name) => !named('volumes').includes(name));
  const initContainers = named('initContainers').map((name) => ({ name, image: IMAGE }));
  return {
    containers: named('containers').map((name) => ({ name, image: IMAGE })),
    ...(initContainers.length > 0 && { initContainers }),
    ...(volumes.length > 0 && { volumes: volumes.map((name) => ({ name, emptyDir: {} })) }),
  };
}

const IMAGE = 'synthesized';

/** What the patches left open: a pod has a container, and a container a name and an image. */
function completeObject(object: KubeObject): KubeObject {
  const path = POD_SPECS[object.kind];
  if (path === undefined) return object;
  const spec = getAt(object, path);
  const complete = (prefix: string) => (container: any, index: number) => ({ name: `${prefix}-${index}`, image: IMAGE, ...container });
  const containers = listOf(spec.containers).map(complete('container'));
  const completed = {
    ...spec,
    containers: containers.length > 0 ? containers : [{ name: 'main', image: IMAGE }],
    ...(spec.initContainers && { initContainers: spec.initContainers.map(complete('init')) }),
    ...(path.length > 1 && object.kind.endsWith('Job') && { restartPolicy: 'Never' }),
  };
  setAt(object, path, completed);
  if (path.length > 1) {
    const metadata = [...path.slice(0, -1), 'metadata'];
    const given = getAt(object, metadata) ?? {};
    const app = object.metadata.name;
    setAt(object, metadata, {
      ...given,
      labels: { app, ...given.labels },
      annotations: { [SYNTHESIZED_ANNOTATION]: 'true', ...given.annotations },
    });
  }
  return object;
}

type Operation = { op?: string; path?: string; from?: string; value?: unknown };

/** JSON Patch fails on what is not there: the parents of every path, and the values that it replaces, tests, removes or moves. */
function prepareFor({ op, path, from, value }: Operation, object: KubeObject): void {
  if (typeof path !== 'string') return;
  if (from !== undefined && getAt(object, stepsOf(from)) === undefined) setAt(object, stepsOf(from), '');
  const steps = stepsOf(path);
  const isThere = getAt(object, steps) !== undefined;
  if (op === 'add' || op === 'move' || op === 'copy') {
    const [last, parent] = [steps.at(-1), steps.slice(0, -1)];
    if (getAt(object, parent) === undefined) setAt(object, parent, last === '-' || /^\d+$/.test(last ?? '') ? [] : {});
  } else if (!isThere || op === 'test') {
    setAt(object, steps, value ?? '');
  }
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function getAt(object: any, steps: readonly string[]): any {
  return steps.reduce((value, step) => (typeof value === 'object' && value !== null ? value[step] : undefined), object);
}

/** Makes what is missing on the way: lists where the next step is an index. */
function setAt(object: any, steps: readonly string[], value: unknown): void {
  let owner = object;
  for (const [index, step] of steps.entries()) {
    if (['__proto__', 'constructor', 'prototype'].includes(step)) return;
    const key = step === '-' && Array.isArray(owner) ? String(owner.length) : step;
    if (Array.isArray(owner) && /^\d+$/.test(key))
      for (let place = owner.length; place < Number(key) && place < MOST_ITEMS; place += 1) owner.push({});
    if (index === steps.length - 1) owner[key] = value;
    else if (typeof owner[key] !== 'object' || owner[key] === null) owner[key] = /^(\d+|-)$/.test(steps[index + 1]!) ? [] : {};
    owner = owner[key];
  }
}

const MOST_ITEMS = 100;

function listOf(value: unknown): any[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
