import type { Store, StoredObject } from '../../store.ts';
import { atRevision, syncRevisions } from '../controller-revisions.ts';
import { controlledBy } from '../ownership.ts';
import { createPod, deletePod } from '../pods.ts';
import { nextAvailability } from '../pod-state.ts';
import { recordEvent } from '../record-event.ts';
import { runController } from '../run-controller.ts';
import { writeStatus } from '../write-status.ts';
import { planStatefulSet } from './plan-stateful-set.ts';
import { claimsOf, podName, statefulPod } from './stateful-pods.ts';
import { statefulSetStatus } from './stateful-set-status.ts';

const COMPONENT = 'statefulset-controller';

/**
 * Keeps a StatefulSet's pods, in order or in parallel, with their claims; rolls templates out from the last pod to the first down to
 * the partition, or leaves that to whoever deletes pods (OnDelete).
 */
export function startStatefulSetController(store: Store): () => void {
  const pods = store.kind('v1', 'Pod');
  return runController(store, {
    kind: store.kind('apps/v1', 'StatefulSet'),
    owned: [pods],
    reconcile(set, later) {
      const revisions = syncRevisions(store, set, 'controller.kubernetes.io/hash');
      const update = revisions.at(-1)!;
      const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
      const names = { current: current.metadata.name, update: update.metadata.name };
      const own = controlledBy(store, pods, set);
      const now = store.clock.now();

      const plan = planStatefulSet(set, own, names, now);
      for (const { ordinal, revision } of plan.create) {
        const template = revision === names.update ? set : atRevision(set, current);
        createClaims(store, set, ordinal);
        createPod(store, set, statefulPod(template, revision, ordinal), COMPONENT, (name) => successOf('Create', name, set));
      }
      for (const pod of plan.remove) deletePod(store, set, pod, COMPONENT, (name) => successOf('Delete', name, set));

      // Of the pods before this look at them: each step is told before the next one is taken.
      writeStatus(store, set, statefulSetStatus(set, own, names, now));
      const wait = nextAvailability(own, set.spec.minReadySeconds ?? 0, now);
      if (wait !== undefined) later(wait);
    },
  });
}

function successOf(verb: string, pod: string, { metadata }: StoredObject): string {
  return `${verb} Pod ${pod} in StatefulSet ${metadata.name} successful`;
}

function createClaims(store: Store, set: StoredObject, ordinal: number): void {
  const kind = store.kind('v1', 'PersistentVolumeClaim');
  const { namespace, name } = set.metadata;
  for (const claim of claimsOf(set, ordinal)) {
    const claimName: string = claim.metadata?.['name'];
    if (store.get(kind, namespace, claimName) !== undefined) continue;
    store.create(kind, namespace, claim);
    const message = `create Claim ${claimName} Pod ${podName(set, ordinal)} in StatefulSet ${name} success`;
    recordEvent(store, set, { type: 'Normal', reason: 'SuccessfulCreate', message, component: COMPONENT });
  }
}
