import assert from 'node:assert/strict';

import { stoppedCluster, template, type StoppedCluster } from '../../../../support/stopped-cluster.ts';

describe('the Job controller', () => {
  it('replaces a failed pod after 10 s, the next one after 20 s', async () => {
    const cluster = stoppedCluster();
    createJob(cluster, { run: '1s', 'exit-code': '1' });

    await cluster.clock.advance(60_000);

    const starts = cluster
      .list('Pod')
      .map(({ metadata }) => Date.parse(metadata.creationTimestamp))
      .sort((one, other) => one - other);
    assert.deepEqual(
      starts.map((start) => (start - starts[0]!) / 1000),
      [0, 11, 32],
    );
  });

  it('does not count failures that its policy ignores', async () => {
    const cluster = stoppedCluster();
    const rule = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] };
    createJob(cluster, { run: '1s', fail: 'Evicted' }, { backoffLimit: 0, podFailurePolicy: { rules: [rule] } });

    await cluster.clock.advance(15_000);

    const { status } = cluster.get('Job', 'load')!;
    assert.equal(status.failed, undefined);
    assert.equal(status.conditions, undefined);
    assert.equal(cluster.list('Pod').length, 2);
  });

  it('gives the index of a pod that is lost to another', async () => {
    const cluster = stoppedCluster();
    createJob(cluster, { run: '10s' }, { completionMode: 'Indexed', completions: 3, parallelism: 3 });
    await cluster.clock.advance(5000);
    const lost = cluster.list('Pod')[1]!;

    cluster.store.remove(cluster.store.kind('v1', 'Pod'), 'default', lost.metadata.name);
    await cluster.clock.advance(8000);
    const { status: early } = cluster.get('Job', 'load')!;
    await cluster.clock.advance(8000);
    const { status: late } = cluster.get('Job', 'load')!;

    assert.equal(lost.metadata.annotations!['batch.kubernetes.io/job-completion-index'], '1');
    assert.deepEqual([early.completedIndexes, early.succeeded, early.failed, early.active], ['0,2', 2, 1, 1]);
    assert.deepEqual([late.completedIndexes, late.succeeded, late.failed], ['0-2', 3, 1]);
  });

  it('ends the pods of indexes that it has no more', async () => {
    const cluster = stoppedCluster();
    createJob(cluster, { run: '1h' }, { completionMode: 'Indexed', completions: 3, parallelism: 3 });
    await cluster.clock.advance(1000);

    cluster.store.mutate(cluster.store.kind('batch/v1', 'Job'), 'default', 'load', (job) => ({
      ...job,
      spec: { ...job.spec, completions: 2, parallelism: 2 },
    }));
    await cluster.clock.advance(60_000);

    const indexes = cluster.list('Pod').map(({ metadata }) => metadata.annotations!['batch.kubernetes.io/job-completion-index']);
    assert.deepEqual(indexes, ['0', '1']);
  });

  it('starts its clock anew when it is resumed', async () => {
    const cluster = stoppedCluster();
    createJob(cluster, { run: '100s' }, { suspend: true, activeDeadlineSeconds: 10 });

    await cluster.clock.advance(60_000);
    suspend(cluster, false);
    await cluster.clock.advance(9000);
    const inTime = cluster.get('Job', 'load')!;
    await cluster.clock.advance(2000);
    const late = cluster.get('Job', 'load')!;

    assert.equal(inTime.status.startTime, '2026-01-01T00:01:00Z');
    assert.deepEqual(typesOf(inTime), ['Suspended']);
    assert.deepEqual(typesOf(late), ['Suspended', 'FailureTarget', 'Failed']);
  });

  it('deletes its pods when it is suspended, and counts them neither way', async () => {
    const cluster = stoppedCluster();
    createJob(cluster, { run: '100s' });
    await cluster.clock.advance(1000);

    suspend(cluster, true);
    await cluster.clock.advance(1000);

    const { status } = cluster.get('Job', 'load')!;
    assert.deepEqual(cluster.list('Pod'), []);
    assert.deepEqual([status.active, status.failed, status.startTime], [undefined, undefined, undefined]);
  });

  it('leaves its pods, without finalizers, when they are orphaned', async () => {
    const cluster = stoppedCluster();
    createJob(cluster, { run: '100s' });
    await cluster.clock.advance(1000);

    cluster.store.remove(cluster.store.kind('batch/v1', 'Job'), 'default', 'load', { propagation: 'Orphan' });
    await cluster.clock.advance(1000);

    const [pod] = cluster.list('Pod');
    assert.equal(cluster.get('Job', 'load'), undefined);
    assert.deepEqual([pod?.metadata.ownerReferences, pod?.metadata.finalizers], [undefined, undefined]);
  });

  it('starts a pod when room appears in the quota', async () => {
    const cluster = stoppedCluster();
    cluster.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard: { pods: '0' } } });
    createJob(cluster, { run: '1s' });
    await cluster.clock.advance(5000);
    const refused = cluster.get('Job', 'load')!;

    cluster.store.remove(cluster.store.kind('v1', 'ResourceQuota'), 'default', 'few');
    await cluster.clock.advance(10_000);

    assert.deepEqual([refused.status.active, refused.status.startTime], [undefined, '2026-01-01T00:00:00Z']);
    assert.deepEqual(typesOf(cluster.get('Job', 'load')!), ['SuccessCriteriaMet', 'Complete']);
  });
});

function createJob(cluster: StoppedCluster, script: Record<string, string>, spec: Record<string, unknown> = {}) {
  return cluster.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'load' },
    spec: { ...spec, template: template(script, { restartPolicy: 'Never' }) },
  });
}

function suspend({ store }: StoppedCluster, suspend: boolean): void {
  store.mutate(store.kind('batch/v1', 'Job'), 'default', 'load', (job) => ({ ...job, spec: { ...job.spec, suspend } }));
}

function typesOf({ status }: { status?: any }): string[] {
  return status.conditions.map(({ type }: { type: string }) => type);
}
