import assert from 'node:assert/strict';

import { stoppedCluster, template, type StoppedCluster } from '../../../../support/stopped-cluster.ts';

describe('the Deployment controller', () => {
  it('reports a rollout that makes no progress for as long as its deadline', async () => {
    const cluster = stoppedCluster();
    createDeployment(cluster, { progressDeadlineSeconds: 60 }, { 'ready-after': '100h' });

    await cluster.clock.advance(59_000);
    const early = progressOf(cluster);
    await cluster.clock.advance(3000);
    const late = progressOf(cluster);

    assert.deepEqual([early.reason, late.reason], ['ReplicaSetUpdated', 'ProgressDeadlineExceeded']);
  });

  it('recovers when the template is mended', async () => {
    const cluster = stoppedCluster();
    createDeployment(cluster, { progressDeadlineSeconds: 10 }, { fail: 'ImagePullBackOff' });
    await cluster.clock.advance(30_000);

    change(cluster, (spec) => ({ ...spec, template: template({}, {}, { app: 'web' }) }));
    await cluster.clock.advance(5000);

    assert.equal(progressOf(cluster).reason, 'NewReplicaSetAvailable');
    assert.equal(cluster.list('Pod').length, 1);
  });

  it('counts a pod only when it was ready for minReadySeconds', async () => {
    const cluster = stoppedCluster();
    createDeployment(cluster, { minReadySeconds: 30 });

    await cluster.clock.advance(29_000);
    const early = cluster.get('Deployment', 'web')!;
    await cluster.clock.advance(3000);
    const late = cluster.get('Deployment', 'web')!;

    assert.deepEqual([early.status.readyReplicas, early.status.availableReplicas], [1, undefined]);
    assert.equal(late.status.availableReplicas, 1);
  });

  it('keeps no more empty ReplicaSets than revisionHistoryLimit', async () => {
    const cluster = stoppedCluster();
    createDeployment(cluster, { revisionHistoryLimit: 1 });

    for (const version of ['2', '3', '4']) {
      await cluster.clock.advance(5000);
      change(cluster, (spec) => ({ ...spec, template: template({}, {}, { app: 'web', version }) }));
    }
    await cluster.clock.advance(5000);

    const revisions = cluster.list('ReplicaSet').map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision']);
    assert.deepEqual(new Set(revisions), new Set(['3', '4']));
  });
});

function createDeployment(cluster: StoppedCluster, spec: Record<string, unknown>, script: Record<string, string> = {}) {
  return cluster.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { ...spec, selector: { matchLabels: { app: 'web' } }, template: template(script, {}, { app: 'web' }) },
  });
}

function change({ store }: StoppedCluster, spec: (spec: any) => any): void {
  store.mutate(store.kind('apps/v1', 'Deployment'), 'default', 'web', (deployment) => ({
    ...deployment,
    spec: spec(deployment.spec),
  }));
}

function progressOf(cluster: StoppedCluster): any {
  return cluster.get('Deployment', 'web')!.status.conditions.find(({ type }: any) => type === 'Progressing');
}
