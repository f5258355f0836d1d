import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { missingAccess } from '../cluster/access.ts';
import { ClusterError, isAlreadyExists } from '../cluster/errors.ts';
import { formatRules } from '../cluster/format-rules.ts';
import { readOwnSubject, type Subject } from '../cluster/own-subject.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { Emit } from '../progress/events.ts';
import type { NamespacePlan } from './plan-namespace.ts';

type Deps = { cluster: Pick<Cluster, 'create'>; clock: Clock; emit: Emit };

const RBAC = 'rbac.authorization.k8s.io';
/** Of the RoleBinding of the runner. */
const SLOT_BINDING = 'fieldtrial-slot';

/** API servers hear of a new RoleBinding by a watch of their own, mostly within milliseconds. */
const PATIENCE = 30_000;
const INTERVAL = 100;

/**
 * Makes a slot of a namespace: the namespace itself, the service accounts of setup tasks, and last the RoleBinding of the runner, whose
 * absence tells the next run that something is left to do. What is there already stays as it is. Nothing ever deletes what it makes.
 * Resolves with false where the cluster refuses; the slot is then told to be left out.
 */
export async function makeNamespace(plan: NamespacePlan, { cluster, clock, emit }: Deps, signal: AbortSignal): Promise<boolean> {
  const { slot, experiment, namespace, accounts, setupRole, slotRole } = plan;
  const skip = (reason: string, message: string) => {
    emit({ type: 'slot-skipped', slot, reason, message });
    return false;
  };
  try {
    if (namespace !== undefined) {
      await cluster.create(namespace, signal);
      emit({ type: 'namespace-created', slot, experiment });
    }
    for (const account of accounts) {
      await ensure({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: slot } }, cluster, signal);
      const subject: Subject = { kind: 'ServiceAccount', name: account, namespace: slot };
      if (setupRole !== undefined) await ensure(roleBinding(account, slot, setupRole, subject), cluster, signal);
    }
    if (slotRole === undefined) return true;
    const subject = await readOwnSubject(cluster, signal);
    if (subject === undefined)
      return skip('MissingPermissions', `the API server does not say who the runner is, so ${slotRole} cannot be bound to it`);
    await ensure(roleBinding(SLOT_BINDING, slot, slotRole, subject), cluster, signal);
    const missing = await untilGranted(plan, { cluster, clock }, signal);
    if (missing.length === 0) return true;
    return skip('MissingPermissions', `ClusterRole ${slotRole} is bound there and does not grant: ${missing.join('; ')}`);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ClusterError)) throw error;
    if (isAlreadyExists(error))
      return skip('NamespaceTaken', `namespace "${slot}" was created by somebody else meanwhile; the next run looks at it again`);
    return skip('NamespaceRefused', `namespace "${slot}" could not be made a slot: ${error.message}`);
  }
}

async function ensure(object: KubeObject, cluster: Pick<Cluster, 'create'>, signal: AbortSignal): Promise<void> {
  try {
    await cluster.create(object, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Its name tells role and subject apart: what another installation has bound there stays and does not stand in the way. */
function roleBinding(purpose: string, namespace: string, role: string, subject: Subject): KubeObject {
  const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: role };
  const hash = createHash('sha256').update(canonicalJson({ roleRef, subject })).digest('hex').slice(0, 8);
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: `${purpose}-${hash}`, namespace },
    roleRef,
    subjects: [subject],
  };
}

/** What is still not granted when the deadline has passed; nothing, as soon as everything is. */
async function untilGranted(
  { slot, rules }: NamespacePlan,
  { cluster, clock }: Pick<Deps, 'cluster' | 'clock'>,
  signal: AbortSignal,
): Promise<string[]> {
  const late = clock.now().getTime() + PATIENCE;
  for (;;) {
    const missing = await missingAccess(cluster, slot, rules, signal);
    if (missing.length === 0 || clock.now().getTime() >= late) return formatRules(missing);
    await clock.sleep(INTERVAL, signal);
  }
}
