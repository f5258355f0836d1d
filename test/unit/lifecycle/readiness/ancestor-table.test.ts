import assert from 'node:assert/strict';
import type { KubeObject } from '../../../../runner/cluster/port.ts';
import { assessCondition } from '../../../../runner/lifecycle/readiness/assess-gate.ts';
import type { Readiness } from '../../../../runner/lifecycle/readiness/readiness.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

type Row = { name: string; object: string; pod?: string; type: string; result: Readiness };

const STATEFUL_SET = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, generation: 1}
spec: {replicas: 1, selector: {matchLabels: {test: test}}}
status: {observedGeneration: 1, updateRevision: b}
`;
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, uid: web-uid, generation: 1}
spec: {replicas: 1, selector: {matchLabels: {test: test}}}
status: {observedGeneration: 1}
`;

function aPod(name: string, fields: string): string {
  return `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {test: test, controller-revision-hash: b, pod-template-hash: b}}, ${fields}}`;
}

/** The ancestor's own cases (R§24.3), with our messages, which name pod and container. */
const ROWS: Row[] = [
  {
    name: 'always-true',
    object: '{apiVersion: v1, kind: X, metadata: {}}',
    type: 'fieldtrial.dev/always-true',
    result: { status: 'Ready' },
  },
  {
    name: 'pod-ready',
    object: STATEFUL_SET,
    pod: aPod('db-0', 'status: {conditions: [{type: Ready, status: "True"}]}'),
    type: 'fieldtrial.dev/pod-ready',
    result: { status: 'Ready' },
  },
  {
    name: 'unschedulable',
    object: DEPLOYMENT,
    pod: aPod(
      'web-0',
      'status: {conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: 0/1 nodes are available}]}',
    ),
    type: 'fieldtrial.dev/pod-ready',
    result: { status: 'Failed', reason: 'Unschedulable', message: 'pod web-0: 0/1 nodes are available' },
  },
  {
    name: 'status running',
    object: '{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Running}}',
    type: 'fieldtrial.dev/status-phase-running',
    result: { status: 'Ready' },
  },
  {
    name: 'status pending',
    object: '{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Pending, message: Testing}}',
    type: 'fieldtrial.dev/status-phase-running',
    result: { status: 'Waiting', message: 'Testing' },
  },
  {
    name: 'status number',
    object: '{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, status: {readyReplicas: 2}}',
    type: 'fieldtrial.dev/status-readyReplicas-2',
    result: { status: 'Ready' },
  },
  {
    name: 'container error',
    object: STATEFUL_SET,
    pod: aPod(
      'db-0',
      'spec: {restartPolicy: Never}, status: {containerStatuses: [{name: app, ready: false, state: {terminated: {reason: Error, exitCode: 1}}}]}',
    ),
    type: 'fieldtrial.dev/pod-ready',
    result: { status: 'Failed', reason: 'Error', message: 'pod db-0: container app: exited with code 1' },
  },
  {
    name: 'OOM',
    object: STATEFUL_SET,
    pod: aPod(
      'db-0',
      'status: {containerStatuses: [{name: app, ready: false, state: {waiting: {message: M}}, lastState: {terminated: {reason: OOMKilled}}}]}',
    ),
    type: 'fieldtrial.dev/pod-ready',
    result: { status: 'Failed', reason: 'OOMKilled', message: 'pod db-0: container app: OOMKilled: M' },
  },
];

const REPLICA_SET: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web-b', labels: { 'pod-template-hash': 'b' }, ownerReferences: [{ controller: true, uid: 'web-uid' }] },
};

describe("the ancestor's readiness cases", () => {
  for (const { name, object, pod, type, result } of ROWS) {
    it(name, () => {
      const pods = pod === undefined ? [] : [fromYaml(pod)];
      const context = { pods, replicaSets: [REPLICA_SET], seenFor: () => 0, unschedulableGrace: 0 };

      assert.deepEqual(assessCondition(fromYaml(object), type, context), result);
    });
  }
});
