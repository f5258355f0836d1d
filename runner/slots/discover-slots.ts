import { isForbidden } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { Experiment } from '../model/experiment.ts';
import { formatLabelSelector, matchesLabels } from '../model/label-selector.ts';
import { LABELS } from '../model/names.ts';
import { SLOT_ROLE_LABEL, slotNamespaceNames } from '../model/slot-namespace.ts';

export type SlotLimits = {
  /** The installation's list, which is also the ceiling; undefined: none given. */
  slots: readonly string[] | undefined;
  /** The namespace of `-n`, taken when neither the installation nor the experiment names one. */
  namespace: string | undefined;
  /** The runner's own namespace inside the cluster: never a slot. undefined outside. */
  own: string | undefined;
};

export type SlotCandidates = {
  slots: string[];
  left: { slot: string; reason: string; message: string }[];
  /** Namespaces that do not exist and that the experiment's namespaceTemplate makes slots of. */
  missing: string[];
  /** All that were looked for and do not exist. */
  absent: string[];
  /** Those of `slots` that a run has made. */
  made: string[];
  /** Those of `slots` that we may not look at, so that whether they fit the experiment is not known. */
  unseen: string[];
  /** We may not list namespaces, so that what the experiment's selector matches is not known. */
  unlisted?: true;
};

type Candidate = Pick<Experiment, 'name' | 'replicas' | 'namespace' | 'namespaceSelector' | 'namespaceTemplate'>;

/**
 * The namespaces that may serve an experiment, in order: the installation's list filtered by the experiment's selector; without a list
 * the namespaces that match the selector, else the one that the experiment or `-n` names. With a namespaceTemplate those that are missing
 * to `replicas`: of the list, or, without one, by the template's names, which are the experiment's slots where it has no selector. What is
 * left out comes with its reason.
 */
export async function discoverSlots(
  experiment: Candidate,
  limits: SlotLimits,
  cluster: Pick<Cluster, 'read' | 'list'>,
  signal: AbortSignal,
): Promise<SlotCandidates> {
  const { namespaceSelector: selector, namespaceTemplate: template } = experiment;
  const named = limits.slots ?? (experiment.namespace ? [experiment.namespace] : undefined);
  if (named === undefined && (selector ?? template) !== undefined) {
    const selected = selector === undefined ? [] : await listSelected(selector, cluster, signal);
    if (selected === undefined) return { slots: [], left: [], missing: [], absent: [], made: [], unseen: [], unlisted: true };
    const { slots } = sift(selected, limits);
    const wanted = template === undefined ? [] : slotNamespaceNames(template, experiment.replicas);
    const byName = slots.length >= experiment.replicas ? [] : wanted.filter((name) => !selected.some(({ slot }) => slot === name));
    const looked = await lookUpAll(byName, cluster, signal);
    return withMissing(
      [...selected, ...looked.map((each) => (isOurs(each, experiment) ? each : { ...each, taken: true }))],
      experiment,
      limits,
    );
  }
  const names = named ?? (limits.namespace === undefined ? [] : [limits.namespace]);
  const chosen = experiment.namespace === undefined ? names : names.filter((name) => name === experiment.namespace);
  const looked = await lookUpAll(chosen, cluster, signal);
  const selected = looked.filter(({ namespace }) => matches(namespace, experiment));
  // What -n names is a slot because nobody said otherwise, not a namespace to be made.
  const sifted = named === undefined ? sift(selected, limits) : withMissing(selected, experiment, limits);
  // Without a selector there is nothing to be seen: whoever named a namespace wants it.
  return selector === undefined ? { ...sifted, unseen: [] } : sifted;
}

type Looked = { slot: string; namespace?: KubeObject; missing?: boolean; hidden?: boolean; taken?: boolean };

async function listSelected(
  selector: NonNullable<Experiment['namespaceSelector']>,
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<Looked[] | undefined> {
  const query = { apiVersion: 'v1', kind: 'Namespace', labelSelector: formatLabelSelector(selector) };
  try {
    const { items } = await cluster.list(query, signal);
    return items.map((namespace) => ({ slot: namespace.metadata.name, namespace })).toSorted((a, b) => (a.slot < b.slot ? -1 : 1));
  } catch (error) {
    // The preflight says what to grant, and other experiments need no list.
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

async function lookUpAll(names: readonly string[], cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<Looked[]> {
  return Promise.all(names.map(async (slot) => ({ slot, ...(await lookUp(slot, cluster, signal)) })));
}

async function lookUp(slot: string, cluster: Pick<Cluster, 'read'>, signal: AbortSignal): Promise<Omit<Looked, 'slot' | 'taken'>> {
  try {
    const namespace = await cluster.read({ apiVersion: 'v1', kind: 'Namespace', name: slot }, signal);
    return namespace === undefined ? { missing: true } : { namespace };
  } catch (error) {
    // Not allowed to look at the namespace itself: the preflight decides by what we may do inside it, and by whether it had to be seen.
    if (isForbidden(error)) return { hidden: true };
    throw error;
  }
}

function matches(namespace: KubeObject | undefined, { namespaceSelector }: Pick<Experiment, 'namespaceSelector'>): boolean {
  if (namespaceSelector === undefined || namespace === undefined) return true;
  return matchesLabels(namespaceSelector, namespace.metadata.labels ?? {});
}

/** A namespace of one of the template's names need not be one that a run has made for the experiment. */
function isOurs({ namespace }: Looked, { name, namespaceSelector }: Candidate): boolean {
  if (namespace === undefined) return true;
  const labels = namespace.metadata.labels ?? {};
  return namespaceSelector === undefined ? labels[LABELS.experiment] === name : matchesLabels(namespaceSelector, labels);
}

/** With a template what does not exist is nothing to complain about: so many as are missing to `replicas` are made. */
function withMissing(looked: readonly Looked[], { replicas, namespaceTemplate }: Candidate, limits: SlotLimits): SlotCandidates {
  if (namespaceTemplate === undefined) return sift(looked, limits);
  const isMissing = ({ missing }: Looked) => missing === true;
  const found = sift(
    looked.filter((each) => !isMissing(each)),
    limits,
  );
  const missing = looked.filter(isMissing).slice(0, Math.max(0, replicas - found.slots.length));
  const names = missing.map(({ slot }) => slot);
  return { ...found, missing: names, absent: namesOfAbsent(looked), slots: [...found.slots, ...names] };
}

function sift(looked: readonly Looked[], { own }: SlotLimits): SlotCandidates {
  const left = looked.flatMap(({ slot, namespace, missing, taken }) => {
    if (missing === true)
      return [
        { slot, reason: 'NamespaceMissing', message: `namespace "${slot}" does not exist; create it or take it off the list of slots` },
      ];
    if (namespace?.metadata.deletionTimestamp !== undefined || namespace?.status?.phase === 'Terminating')
      return [{ slot, reason: 'NamespaceTerminating', message: `namespace "${slot}" is being deleted` }];
    if (slot === own) return [{ slot, reason: 'OwnNamespace', message: `namespace "${slot}" is the runner's own and never a slot` }];
    if (taken === true) {
      const message = `namespace "${slot}" was not made for this experiment; call those of its namespaceTemplate something else`;
      return [{ slot, reason: 'NamespaceTaken', message }];
    }
    return [];
  });
  const kept = looked.filter(({ slot }) => !left.some((each) => each.slot === slot));
  const isMade = ({ namespace }: Looked) => matchesLabels({ matchLabels: SLOT_ROLE_LABEL }, namespace?.metadata.labels ?? {});
  return {
    slots: kept.map(({ slot }) => slot),
    left,
    missing: [],
    absent: namesOfAbsent(looked),
    made: kept.filter(isMade).map(({ slot }) => slot),
    unseen: kept.filter(({ hidden }) => hidden === true).map(({ slot }) => slot),
  };
}

function namesOfAbsent(looked: readonly Looked[]): string[] {
  return looked.filter(({ missing }) => missing === true).map(({ slot }) => slot);
}
