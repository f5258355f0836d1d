import assert from 'node:assert/strict';
import { podsOfCurrentRevision } from '../../../../runner/lifecycle/readiness/current-pods.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

const aPod = (name: string, labels: string) => fromYaml(`{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: ${labels}}}`);
const names = (pods: { metadata: { name: string } }[]) => pods.map(({ metadata }) => metadata.name);

describe('the pods of the current revision', () => {
  describe('of a Deployment', () => {
    const deployment = fromYaml(
      '{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, uid: u1, generation: 2}, status: {observedGeneration: 2}}',
    );
    const aReplicaSet = (hash: string, revision: number, owner = 'u1') =>
      fromYaml(`{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: api-${hash}, labels: {pod-template-hash: ${hash}},
        annotations: {deployment.kubernetes.io/revision: "${revision}"}, ownerReferences: [{uid: ${owner}, controller: true}]}}`);
    const pods = [aPod('old', '{pod-template-hash: aaa}'), aPod('new', '{pod-template-hash: bbb}')];

    it('are those of its ReplicaSet with the highest revision, compared as numbers', () => {
      const current = podsOfCurrentRevision(deployment, pods, [
        aReplicaSet('aaa', 9),
        aReplicaSet('bbb', 10),
        aReplicaSet('aaa', 99, 'other'),
      ]);

      assert.deepEqual(names(current), ['new']);
    });

    it('are none when the ReplicaSets are not known', () => {
      assert.deepEqual(podsOfCurrentRevision(deployment, pods), []);
    });

    it('are none while the spec was not observed', () => {
      const patched = { ...deployment, metadata: { ...deployment.metadata, generation: 3 } };

      assert.deepEqual(podsOfCurrentRevision(patched, pods, [aReplicaSet('bbb', 10)]), []);
    });
  });

  it('of a StatefulSet are those of the update revision', () => {
    const set = fromYaml(
      '{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, status: {updateRevision: db-b, currentRevision: db-a}}',
    );
    const pods = [aPod('db-0', '{controller-revision-hash: db-a}'), aPod('db-1', '{controller-revision-hash: db-b}')];

    assert.deepEqual(names(podsOfCurrentRevision(set, pods)), ['db-1']);
  });

  it('of a DaemonSet are those of the template generation', () => {
    const set = fromYaml(
      '{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent, annotations: {deprecated.daemonset.template.generation: "2"}}}',
    );
    const pods = [aPod('old', '{pod-template-generation: "1"}'), aPod('new', '{pod-template-generation: "2"}')];

    assert.deepEqual(names(podsOfCurrentRevision(set, pods)), ['new']);
  });

  it('of a Job are all', () => {
    const job = fromYaml('{apiVersion: batch/v1, kind: Job, metadata: {name: load}}');

    assert.deepEqual(names(podsOfCurrentRevision(job, [aPod('load-x', '{}')])), ['load-x']);
  });
});
