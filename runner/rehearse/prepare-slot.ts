import type { SandboxStore } from '../../sandbox/create-store.ts';
import type { ServedKind } from '../../sandbox/store.ts';
import type { KubeObject, ObjectRef } from '../cluster/port.ts';
import type { LabelSelector } from '../model/experiment.ts';
import { matchesLabels } from '../model/label-selector.ts';
import { GROUP } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { FoundObject } from './objects-of.ts';
import { placeObject } from './place-object.ts';
import { synthesizeObject } from './synthesize-object.ts';
import { refKey, refOf, wantedObjects } from './wanted-objects.ts';

export type SlotContent = {
  namespace: string;
  labels: Record<string, string>;
  found: readonly FoundObject[];
  /** Somebody says that what was found belongs there. */
  isNamed: boolean;
  /** What the trial's own setup makes. */
  bySetup: readonly KubeObject[];
};

export type Prepared = { notices: string[]; problems: string[] };

/**
 * Fills a slot of the sandbox with what a trial expects there: manifests as they are found, what is missing made up from the patches,
 * service accounts, and conditions that no controller of the sandbox sets.
 */
export function prepareSlot(rendered: RenderedTrial, content: SlotContent, store: SandboxStore): Prepared {
  const { namespace, labels, found, isNamed, bySetup } = content;
  const notices: string[] = [];
  const problems: string[] = [];
  // Every cluster has a few from its beginning, such as default.
  if (!isThere({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, namespace, store))
    store.create(store.kind('v1', 'Namespace'), undefined, { metadata: { name: namespace, labels } });

  const isMade = new Set(bySetup.map((object) => refKey(refOf(object))));
  for (const { object, file } of found.toSorted((a, b) => rank(a) - rank(b))) {
    const { refused, warnings } = placeObject(object, namespace, store);
    const what = `${file}: ${object.kind} ${object.metadata.name}`;
    if (refused !== undefined && isNamed) problems.push(`${what} is refused: ${refused}`);
    else if (refused !== undefined) notices.push(`${what} is left out, because a cluster refuses it: ${refused}`);
    for (const warning of warnings) problems.push(`${what}: ${warning}`);
  }

  for (const ref of wantedObjects(rendered)) {
    if (isMade.has(refKey(ref)) || isThere(ref, namespace, store)) continue;
    const patches = rendered.patches.filter(({ target }) => refKey(target) === refKey(ref));
    const { refused } = placeObject(synthesizeObject(ref, patches), namespace, store);
    const what = `${ref.kind} ${ref.name}`;
    if (refused === undefined)
      notices.push(`${what} is in no manifest that can be used, so it is made up from what the experiment says of it`);
    else notices.push(`${what} is in no manifest that can be used, and none could be made up: ${refused}`);
  }
  for (const [index, { apiVersion, kind, selector }] of rendered.readinessGates.entries()) {
    const { matchLabels } = selector ?? {};
    if (matchLabels === undefined || [...bySetup, ...listed(apiVersion, kind, namespace, store)].some(matching(selector!))) continue;
    const object = withLabels(synthesizeObject({ apiVersion, kind, name: `gate-${index}` }, []), matchLabels);
    if (placeObject(object, namespace, store).refused === undefined)
      notices.push(`no ${kind} with the labels of readinessGates[${index}] is in a manifest that can be used, so one is made up`);
  }

  for (const name of serviceAccounts(rendered, namespace, store)) {
    if (!isThere({ apiVersion: 'v1', kind: 'ServiceAccount', name }, namespace, store))
      store.create(store.kind('v1', 'ServiceAccount'), namespace, { metadata: { name } });
  }
  notices.push(...makeUpConditions(rendered, namespace, store));
  return { notices, problems };
}

/** The kinds of the trial's objects that the sandbox does not serve by itself; each is taken as it comes. */
export function missingKinds(
  refs: readonly Pick<ObjectRef, 'apiVersion' | 'kind'>[],
  served: readonly ServedKind[],
  definitions: readonly KubeObject[],
): ServedKind[] {
  const missing = new Map<string, ServedKind>();
  for (const { apiVersion, kind } of refs) {
    const [version = '', group = ''] = apiVersion.split('/').toReversed();
    if (served.some((each) => each.group === group && each.version === version && each.kind === kind)) continue;
    const definition = definitions.find(({ spec }) => spec?.group === group && spec?.names?.kind === kind);
    const plural: string = definition?.spec.names.plural ?? pluralOf(kind);
    const namespaced = definition === undefined || definition.spec.scope === 'Namespaced';
    missing.set(`${apiVersion} ${kind}`, { group, version, kind, plural, namespaced, status: true, shortNames: [] });
  }
  return [...missing.values()];
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** Configuration first, as it is with `kubectl apply` of a folder that its author has put into order. */
function rank({ object: { kind } }: FoundObject): number {
  return ['ServiceAccount', 'ResourceQuota', 'LimitRange', 'ConfigMap', 'Secret', 'PersistentVolumeClaim'].includes(kind) ? 0 : 1;
}

function listed(apiVersion: string, kind: string, namespace: string, store: SandboxStore): KubeObject[] {
  const served = store.kind(apiVersion, kind);
  return store.list(served, served.namespaced ? namespace : undefined);
}

/** Of whatever kind: the labels of another kind's object do not happen to be the same. */
function matching(selector: LabelSelector): (object: KubeObject) => boolean {
  return ({ metadata, spec }) =>
    [metadata.labels, spec?.template?.metadata?.labels].some((labels) => matchesLabels(selector, labels ?? {}));
}

function withLabels(object: KubeObject, labels: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}

function isThere({ apiVersion, kind, name }: ObjectRef, namespace: string, store: SandboxStore): boolean {
  const served = store.kind(apiVersion, kind);
  return store.get(served, served.namespaced ? namespace : undefined, name) !== undefined;
}

/** Of the trial's Jobs and of the workloads that are there: no pod begins without its account. */
function serviceAccounts({ job, setup }: RenderedTrial, namespace: string, store: SandboxStore): string[] {
  const jobs: any[] = [job, setup?.create, setup?.delete];
  const workloads = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) => store.list(store.kind('apps/v1', kind), namespace));
  const names = [...jobs, ...workloads].map((each) => each?.spec?.template?.spec?.serviceAccountName);
  return [...new Set(names.filter((name) => typeof name === 'string' && name !== '' && name !== 'default'))];
}

/** Kinds whose conditions a controller of the sandbox sets. */
const CONTROLLED = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Pod']);

/** Nobody would set these conditions here, and the gate would wait forever. */
function makeUpConditions({ patches, readinessGates }: RenderedTrial, namespace: string, store: SandboxStore): string[] {
  const ofPatches = patches.map(({ target, readinessGates: own = [] }) => ({
    ...target,
    selector: undefined,
    conditionTypes: own.map(({ conditionType }) => conditionType),
  }));
  return [...ofPatches, ...readinessGates].flatMap(({ apiVersion, kind, name, selector, conditionTypes }) => {
    const types = conditionTypes.filter((type) => !type.startsWith(`${GROUP}/`) || type.startsWith(`${GROUP}/status-`));
    if (types.length === 0 || CONTROLLED.has(kind)) return [];
    const isMeant = selector === undefined ? ({ metadata }: KubeObject) => metadata.name === name : matching(selector);
    return listed(apiVersion, kind, namespace, store)
      .filter(isMeant)
      .map((object) => meetConditions(object, types, store));
  });
}

function meetConditions(object: KubeObject, types: readonly string[], store: SandboxStore): string {
  const { apiVersion, kind, metadata } = object;
  const served = store.kind(apiVersion, kind);
  const met = { ...object, status: { ...object.status, ...statusWith(types) } };
  store.update(served, metadata.namespace, metadata.name, met, { status: served.status });
  return `${kind} ${metadata.name} is taken to meet ${types.join(', ')}: nothing in the sandbox sets that`;
}

function statusWith(types: readonly string[]): Record<string, unknown> {
  const fields = types.flatMap((type) => {
    const [, field, value] = /\/status-([^-]+)-(.+)$/.exec(type) ?? [];
    return field === undefined ? [] : [[field, value] as const];
  });
  const conditions = types.filter((type) => !type.startsWith(`${GROUP}/`)).map((type) => ({ type, status: 'True', reason: 'Rehearsed' }));
  return { ...Object.fromEntries(fields), ...(conditions.length > 0 && { conditions }) };
}
