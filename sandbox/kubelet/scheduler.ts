import { recordEvent } from '../controllers/record-event.ts';
import { runController } from '../controllers/run-controller.ts';
import { timestamp } from '../timestamp.ts';
import { writeStatus } from '../controllers/write-status.ts';
import type { Store, StoredObject } from '../store.ts';
import { isUnschedulable } from './container-script.ts';
import { insufficientResources } from './insufficient-resources.ts';
import type { KubeletOptions } from './options.ts';

/** Binds every pod to the only node, except those that ask for more than it has, and those whose annotation says that they fit nowhere. */
export function startScheduler(store: Store, options: Pick<KubeletOptions, 'node' | 'capacity' | 'annotate'>): () => void {
  const pods = store.kind('v1', 'Pod');
  return runController(store, {
    kind: pods,
    reconcile(pod) {
      if (pod.spec.nodeName || pod.metadata.deletionTimestamp !== undefined || pod.status?.phase !== 'Pending') return;
      const missing = isUnschedulable(pod, options) ? ['cpu'] : insufficientResources(pod.spec, options.capacity);
      if (missing.length > 0) refuse(store, pod, missing);
      else bind(store, pod, options.node);
    },
  });
}

function bind(store: Store, pod: StoredObject, node: string): void {
  const { namespace, name } = pod.metadata;
  writeScheduled(store, pod, { status: 'True' });
  store.mutate(store.kind('v1', 'Pod'), namespace, name, (fresh) => ({ ...fresh, spec: { ...fresh.spec, nodeName: node } }));
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  recordEvent(store, pod, { type: 'Normal', reason: 'Scheduled', message, component: 'default-scheduler' });
}

function refuse(store: Store, pod: StoredObject, missing: readonly string[]): void {
  if (pod.status.conditions?.some(({ reason }: any) => reason === 'Unschedulable')) return;
  const message =
    `0/1 nodes are available: ${missing.map((resource) => `1 Insufficient ${resource}`).join(', ')}. no new claims to deallocate, ` +
    'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  writeScheduled(store, pod, { status: 'False', reason: 'Unschedulable', message });
  recordEvent(store, pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' });
}

function writeScheduled(store: Store, pod: StoredObject, condition: object): void {
  const lastTransitionTime = timestamp(store.clock.now());
  const scheduled = { lastProbeTime: null, lastTransitionTime, type: 'PodScheduled', ...condition };
  writeStatus(store, pod, { ...pod.status, conditions: [scheduled] });
}
