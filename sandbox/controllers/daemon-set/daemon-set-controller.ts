import type { Store, StoredObject } from '../../store.ts';
import { syncRevisions } from '../controller-revisions.ts';
import { controlledBy } from '../ownership.ts';
import { createPod, deletePod, podFrom } from '../pods.ts';
import { nextAvailability } from '../pod-state.ts';
import { runController } from '../run-controller.ts';
import { writeStatus } from '../write-status.ts';
import { daemonSetStatus, planDaemonSet } from './plan-daemon-set.ts';

const COMPONENT = 'daemonset-controller';
const HASH_LABEL = 'controller-revision-hash';
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** Keeps one pod of each DaemonSet on the only node, and rolls new templates out. Node selectors and taints are not looked at. */
export function startDaemonSetController(store: Store): () => void {
  const pods = store.kind('v1', 'Pod');
  return runController(store, {
    kind: store.kind('apps/v1', 'DaemonSet'),
    owned: [pods],
    reconcile(set, later) {
      const revision = syncRevisions(store, set, HASH_LABEL).at(-1)!;
      const hash = revision.metadata.labels![HASH_LABEL]!;
      const generation = String(revision['revision']);
      countTemplates(store, set, generation);
      const own = controlledBy(store, pods, set);
      const now = store.clock.now();

      const plan = planDaemonSet(set, own, hash, now);
      for (const pod of plan.remove) deletePod(store, set, pod, COMPONENT);
      if (plan.create > 0) createPod(store, set, daemonPod(set, hash, generation), COMPONENT);

      const left = controlledBy(store, pods, set);
      writeStatus(store, set, daemonSetStatus(set, left, hash, now));
      const wait = nextAvailability(left, set.spec.minReadySeconds ?? 0, now);
      if (wait !== undefined) later(wait);
    },
  });
}

function daemonPod(set: StoredObject, hash: string, generation: string) {
  return podFrom(set, { labels: { [HASH_LABEL]: hash, 'pod-template-generation': generation } });
}

/** A real API server keeps this annotation; here the number of the revision comes to the same. */
function countTemplates(store: Store, { metadata }: StoredObject, generation: string): void {
  store.mutate(store.kind('apps/v1', 'DaemonSet'), metadata.namespace, metadata.name, (set) =>
    set.metadata.annotations?.[TEMPLATE_GENERATION] === generation
      ? undefined
      : { ...set, metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, [TEMPLATE_GENERATION]: generation } } },
  );
}
