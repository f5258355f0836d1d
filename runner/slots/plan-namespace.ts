import type { CheckedExperiment } from '../check-definitions.ts';
import { missingAccess, type AccessRule } from '../cluster/access.ts';
import { ClusterError, isDryRunUnsupported } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { Experiment } from '../model/experiment.ts';
import { formatLabelSelector, matchesLabels } from '../model/label-selector.ts';
import { slotNamespaceLabels } from '../model/slot-namespace.ts';

/** What the installation says of namespaces that runs make. */
export type NamespaceSettings = {
  /** Labels that win over those of experiments' templates. */
  labels: Readonly<Record<string, string>>;
  /** The ClusterRole of the runner's own rights in a slot, bound in a namespace where it lacks them. */
  slotRole?: string;
  /** The ClusterRole of the service accounts of setup tasks. */
  setupRole?: string;
};

/** What is to be done before a namespace is a slot; every step may be done twice. */
export type NamespacePlan = {
  slot: string;
  /** The experiment whose template it is made from. */
  experiment: string;
  /** Absent where it exists. */
  namespace?: KubeObject;
  /** Service accounts of setup tasks. */
  accounts: string[];
  /** What these are bound to. */
  setupRole?: string;
  /** What the runner is bound to; absent where its rights reach there already. */
  slotRole?: string;
  /** Everything that the runner does in the slot. */
  rules: AccessRule[];
};

export type PlannedNamespace = {
  plan: NamespacePlan;
  /** What the runner would have to be allowed before it could make a slot of it. */
  missing: AccessRule[];
  /** Why there can be no slot, whatever is allowed. */
  refused?: string;
};

const RBAC = 'rbac.authorization.k8s.io';

/**
 * What makes a slot of a namespace that does not exist, or of one that a run has made and may not have finished, for these experiments,
 * whose trials need the `rules` there; the first one's template is taken. Nothing is changed: access reviews say what would be allowed, and a dry run whether the API server
 * takes the namespace.
 */
export async function planNamespace(
  slot: string,
  served: readonly [CheckedExperiment, ...CheckedExperiment[]],
  { exists, rules }: { exists: boolean; rules: AccessRule[] },
  settings: NamespaceSettings,
  cluster: Pick<Cluster, 'create'>,
  signal: AbortSignal,
): Promise<PlannedNamespace> {
  const { slotRole, setupRole } = settings;
  const [{ experiment }] = served;
  const lacking = await missingAccess(cluster, slot, rules, signal);
  // No RoleBinding in the slot gives these.
  const unbindable = lacking.filter(({ clusterWide }) => clusterWide === true);
  const isBound = lacking.length > 0 && slotRole !== undefined;
  const accounts = setupAccounts(served);
  const forAccounts =
    accounts.length === 0 ? [] : [rule('', 'serviceaccounts', 'create'), ...(setupRole === undefined ? [] : binding(setupRole))];
  const plan: NamespacePlan = {
    slot,
    experiment: experiment.name,
    accounts,
    rules,
    ...(setupRole !== undefined && { setupRole }),
    ...(isBound && { slotRole }),
  };
  if (exists) {
    const cannotBind = isBound ? await missingAccess(cluster, slot, binding(slotRole), signal) : [];
    // Somebody else may have created the accounts; whether they are there the setup tasks will tell.
    const noAccounts = (await missingAccess(cluster, slot, forAccounts, signal)).length > 0;
    const missing = isBound && cannotBind.length === 0 ? unbindable : lacking;
    return { plan: { ...plan, accounts: noAccounts ? [] : accounts }, missing };
  }
  const namespace = namespaceOf(slot, experiment, settings.labels);
  const wanted = [rule('', 'namespaces', 'create'), ...forAccounts, ...(isBound ? binding(slotRole) : [])];
  // Only what is granted in every namespace reaches into one that is yet to be.
  const notGranted = await missingAccess(
    cluster,
    slot,
    wanted.map((each) => ({ ...each, clusterWide: true })),
    signal,
  );
  const missing = [...notGranted, ...unbindable];
  const unselected = experiment.namespaceSelector !== undefined && !isSelected(namespace, experiment);
  const refused = unselected
    ? `with the labels of the installation namespaceSelector (${formatLabelSelector(experiment.namespaceSelector!)}) would not select it`
    : lacking.length > 0 && !isBound
      ? 'the runner would have no rights there; name a ClusterRole that grants them in --slot-role'
      : missing.length === 0
        ? await tryToCreate(namespace, cluster, signal)
        : undefined;
  return { plan: { ...plan, namespace }, missing, ...(refused !== undefined && { refused }) };
}

/** Whether a namespace that is made from another experiment's template may serve this one. */
export function isSelected({ metadata }: KubeObject, { namespaceSelector }: Pick<Experiment, 'namespaceSelector'>): boolean {
  return namespaceSelector === undefined || matchesLabels(namespaceSelector, metadata.labels ?? {});
}

export function namespaceOf(
  slot: string,
  { name, namespaceTemplate }: Pick<Experiment, 'name' | 'namespaceTemplate'>,
  installation: NamespaceSettings['labels'],
): KubeObject {
  const { labels = {}, annotations = {} } = namespaceTemplate ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: slot,
      labels: slotNamespaceLabels(name, labels, installation),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  };
}

function setupAccounts(served: readonly CheckedExperiment[]): string[] {
  const jobs = served.flatMap(({ sample }): any[] => [sample.setup?.create, sample.setup?.delete]);
  const names = jobs.map((job) => job?.spec.template.spec.serviceAccountName);
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== '' && name !== 'default'))];
}

function rule(apiGroup: string, resource: string, verb: string): AccessRule {
  return { apiGroup, resource, verb };
}

/** Who does not hold the rights of a role itself may bind it with the verb `bind` (kubernetes/pkg/registry/rbac/rolebinding/policybased). */
function binding(role: string): AccessRule[] {
  return [rule(RBAC, 'rolebindings', 'create'), { ...rule(RBAC, 'clusterroles', 'bind'), name: role }];
}

async function tryToCreate(namespace: KubeObject, cluster: Pick<Cluster, 'create'>, signal: AbortSignal): Promise<string | undefined> {
  try {
    await cluster.create(namespace, signal, { dryRun: true });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ClusterError)) throw error;
    return isDryRunUnsupported(error) ? undefined : error.message;
  }
}
