import { ClusterError } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { Experiment } from '../model/experiment.ts';
import { formatLabelSelector, matchesLabels } from '../model/label-selector.ts';

export type SlotLimits = {
  /** The installation's list, which is also the ceiling; undefined: none given. */
  slots: readonly string[] | undefined;
  /** The namespace of `-n`, taken when neither the installation nor the experiment names one. */
  namespace: string | undefined;
  /** The runner's own namespace inside the cluster: never a slot. undefined outside. */
  own: string | undefined;
};

export type SlotCandidates = { slots: string[]; left: { slot: string; reason: string; message: string }[] };

/**
 * The namespaces that may serve an experiment, in order: the installation's list filtered by the experiment's selector; without a list
 * the namespaces that match the selector, else the one that the experiment or `-n` names. What is left out comes with its reason.
 */
export async function discoverSlots(
  experiment: Pick<Experiment, 'name' | 'namespace' | 'namespaceSelector'>,
  limits: SlotLimits,
  cluster: Pick<Cluster, 'read' | 'list'>,
  signal: AbortSignal,
): Promise<SlotCandidates> {
  const named = limits.slots ?? (experiment.namespace ? [experiment.namespace] : undefined);
  if (named === undefined && experiment.namespaceSelector !== undefined) {
    const query = { apiVersion: 'v1', kind: 'Namespace', labelSelector: formatLabelSelector(experiment.namespaceSelector) };
    const { items } = await cluster.list(query, signal);
    return sift(
      items.map((namespace) => ({ slot: namespace.metadata.name, namespace })).toSorted((a, b) => (a.slot < b.slot ? -1 : 1)),
      limits,
    );
  }
  const names = named ?? (limits.namespace === undefined ? [] : [limits.namespace]);
  const chosen = experiment.namespace === undefined ? names : names.filter((name) => name === experiment.namespace);
  const looked = await Promise.all(chosen.map(async (slot) => ({ slot, ...(await lookUp(slot, cluster, signal)) })));
  const selected = looked.filter(({ namespace }) => matches(namespace, experiment));
  return sift(selected, limits);
}

type Looked = { slot: string; namespace?: KubeObject; missing?: boolean };

async function lookUp(
  slot: string,
  cluster: Pick<Cluster, 'read'>,
  signal: AbortSignal,
): Promise<{ namespace?: KubeObject; missing?: boolean }> {
  try {
    const namespace = await cluster.read({ apiVersion: 'v1', kind: 'Namespace', name: slot }, signal);
    return namespace === undefined ? { missing: true } : { namespace };
  } catch (error) {
    // Not allowed to look at the namespace itself: the access check of what we do inside it decides.
    if (error instanceof ClusterError && error.status === 403) return {};
    throw error;
  }
}

function matches(namespace: KubeObject | undefined, { namespaceSelector }: Pick<Experiment, 'namespaceSelector'>): boolean {
  if (namespaceSelector === undefined || namespace === undefined) return true;
  return matchesLabels(namespaceSelector, namespace.metadata.labels ?? {});
}

function sift(looked: readonly Looked[], { own }: SlotLimits): SlotCandidates {
  const left = looked.flatMap(({ slot, namespace, missing }) => {
    if (missing === true)
      return [
        { slot, reason: 'NamespaceMissing', message: `namespace "${slot}" does not exist; create it or take it off the list of slots` },
      ];
    if (namespace?.metadata.deletionTimestamp !== undefined || namespace?.status?.phase === 'Terminating')
      return [{ slot, reason: 'NamespaceTerminating', message: `namespace "${slot}" is being deleted` }];
    if (slot === own) return [{ slot, reason: 'OwnNamespace', message: `namespace "${slot}" is the runner's own and never a slot` }];
    return [];
  });
  return { slots: looked.map(({ slot }) => slot).filter((slot) => !left.some((each) => each.slot === slot)), left };
}
