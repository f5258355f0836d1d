import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject, WatchEvent } from '../../../runner/cluster/port.ts';
import { awaitJob, type EndedJob } from '../../../runner/lifecycle/await-job.ts';
import { failedPod, fakeCluster, runningPod, succeededPod, type FakeCluster, type PlayJob } from '../../support/fake-cluster.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { aRenderedTrial } from '../../support/trials.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

describe('waiting for a Job', () => {
  let clock: ManualClock;
  let said: string[];

  beforeEach(() => {
    clock = manualClock();
    said = [];
  });

  async function createJob(play: PlayJob, spec: object = {}): Promise<{ cluster: FakeCluster; job: KubeObject }> {
    const cluster = fakeCluster([], play);
    const manifest = aRenderedTrial().job as KubeObject;
    const job = await cluster.create({ ...manifest, spec: { ...manifest.spec, ...spec } }, new AbortController().signal);
    return { cluster, job };
  }

  function wait({ cluster, job }: { cluster: FakeCluster; job: KubeObject }, signal = new AbortController().signal): Promise<EndedJob> {
    return awaitJob(job, ['load'], { cluster, clock, unschedulableGrace: 60_000, waiting: (message) => void said.push(message) }, signal);
  }

  /** The next state of the Job or of its pod. */
  function update(cluster: FakeCluster, kind: 'Job' | 'Pod', name: string, status: object): void {
    cluster.put({ ...cluster.get(kind, name)!, status });
  }

  /** As the taint manager does, on whatever clock the cluster has; the node says nothing to it. */
  function takeFromNode(cluster: FakeCluster, name: string): void {
    const pod = cluster.get('Pod', name)!;
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'NoExecute taint' }];
    const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T09:00:30Z', deletionGracePeriodSeconds: 30 };
    cluster.put({ ...pod, metadata, status: { ...pod.status, conditions } });
  }

  const conditionOf = (type: string, reason: string, message = '') => ({ conditions: [{ type, status: 'True', reason, message }] });

  describe('of a single pod', () => {
    it("ends with the pod's phase, without waiting for the Job's conditions", async () => {
      const ended = await wait(await createJob(succeededPod));

      assert.equal(ended.status, 'Succeeded');
      assert.deepEqual(
        ended.pods.map(({ metadata }) => metadata.name),
        ['sizing-001-pod'],
      );
    });

    it('goes on until the pod has ended', async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      update(cluster, 'Pod', 'sizing-001-pod', failedPod(job));

      assert.equal((await whileTimePasses(ended, clock)).status, 'Failed');
      assert.deepEqual(said.at(-1), 'pod sizing-001-pod is Running');
    });

    it('says why no pod can be created, once an event tells', async () => {
      const { cluster, job } = await createJob(() => undefined);
      const ended = wait({ cluster, job });
      cluster.put({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e1', namespace: 'shop-1' },
        involvedObject: { uid: job.metadata.uid },
        reason: 'FailedCreate',
        message: 'exceeded quota: small',
      });

      assert.deepEqual(await whileTimePasses(ended, clock), {
        status: 'Failed',
        reason: 'FailedCreate',
        message: 'exceeded quota: small',
        infrastructure: false,
        pods: [],
      });
      assert.deepEqual(said[0], 'no pod yet');
    });

    it('gives an unschedulable pod its grace from when it was first seen, whatever the clock of the cluster', async () => {
      const conditions = [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node', lastTransitionTime: '2025-12-31T23:00:00Z' },
      ];

      const ended = await whileTimePasses(wait(await createJob(() => ({ phase: 'Pending', conditions }))), clock);

      assert.equal((ended as { reason: string }).reason, 'Unschedulable');
      assert.match(clock.now().toISOString(), /T00:01:0\d/);
    });

    it('blames the infrastructure when somebody deleted the Job', async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      cluster.delete('Job', 'sizing-001');

      const { status, reason, infrastructure } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ status, reason, infrastructure }, { status: 'Failed', reason: 'JobDeleted', infrastructure: true });
    });

    it('is not deceived by another Job of the same name', async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      cluster.delete('Job', 'sizing-001');
      cluster.put({ ...job, metadata: { ...job.metadata, uid: 'another' } });

      assert.equal(((await whileTimePasses(ended, clock)) as { reason: string }).reason, 'JobDeleted');
    });

    it('blames the infrastructure when somebody deleted its pod', async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      cluster.delete('Pod', 'sizing-001-pod');
      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'BackoffLimitExceeded'));

      const { reason, infrastructure } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ reason, infrastructure }, { reason: 'PodLost', infrastructure: true });
    });

    it('does the same while the deleted pod is still there, whatever its exit code', async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      const pod = cluster.get('Pod', 'sizing-001-pod')!;
      cluster.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' }, status: failedPod(job) });
      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'BackoffLimitExceeded'));

      const { reason, infrastructure } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ reason, infrastructure }, { reason: 'PodLost', infrastructure: true });
    });

    it('does the same when no watch told of the deletion', async () => {
      const { cluster, job } = await createJob(runningPod);
      const silent = { ...cluster, watch: () => silentAfter(cluster.get('Pod', 'sizing-001-pod')!) };
      const ended = wait({ cluster: silent, job });
      await until(() => said.length > 0, clock);

      cluster.delete('Pod', 'sizing-001-pod');
      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'BackoffLimitExceeded'));

      const { reason, infrastructure } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ reason, infrastructure }, { reason: 'PodLost', infrastructure: true });
    });

    it("blames the infrastructure when its pod's node does not answer any more", async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      takeFromNode(cluster, 'sizing-001-pod');

      const { reason, infrastructure } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ reason, infrastructure }, { reason: 'DeletionByTaintManager', infrastructure: true });
    });

    it('has succeeded when the Job says so and its pod is gone with its node', async () => {
      const { cluster, job } = await createJob(succeededPod);
      update(cluster, 'Job', 'sizing-001', conditionOf('Complete', 'CompletionsReached'));
      cluster.delete('Pod', 'sizing-001-pod');

      assert.deepEqual(await whileTimePasses(wait({ cluster, job }), clock), { status: 'Succeeded', pods: [] });
    });

    it('succeeds with its pod when no watch told of its end', async () => {
      const { cluster, job } = await createJob(runningPod);
      const silent = { ...cluster, watch: () => silentAfter(cluster.get('Pod', 'sizing-001-pod')!) };
      const ended = wait({ cluster: silent, job });
      await until(() => said.length > 0, clock);

      update(cluster, 'Pod', 'sizing-001-pod', succeededPod(job));
      update(cluster, 'Job', 'sizing-001', conditionOf('Complete', 'CompletionsReached'));

      const { status, pods } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Succeeded' }>;
      assert.deepEqual([status, ...pods.map((pod) => pod.status.phase)], ['Succeeded', 'Succeeded']);
    });

    it("fails with a deadline of the template's own, which deletes the pod", async () => {
      const { cluster, job } = await createJob(runningPod);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      cluster.delete('Pod', 'sizing-001-pod');
      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline'));

      const { reason, message, infrastructure } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual(
        { reason, message, infrastructure },
        { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline', infrastructure: false },
      );
    });
  });

  describe('of several pods', () => {
    const spec = { completions: 2 };

    it("ends with the Job's own condition, not with the first pod", async () => {
      const { cluster, job } = await createJob(succeededPod, spec);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);
      assert.deepEqual(said, ['0 of 2 pods succeeded']);

      update(cluster, 'Job', 'sizing-001', { succeeded: 2, ...conditionOf('Complete', 'CompletionsReached') });

      assert.equal((await whileTimePasses(ended, clock)).status, 'Succeeded');
    });

    it('leaves a pod that was taken from its node to the Job controller', async () => {
      const { cluster, job } = await createJob(() => ({ phase: 'Pending' }), spec);
      const ended = wait({ cluster, job });
      takeFromNode(cluster, 'sizing-001-pod');
      await clock.advance(600_000);

      update(cluster, 'Job', 'sizing-001', { succeeded: 2, ...conditionOf('Complete', 'CompletionsReached') });

      assert.equal((await whileTimePasses(ended, clock)).status, 'Succeeded');
    });

    it('says which container failed', async () => {
      const { cluster, job } = await createJob(failedPod, spec);
      const ended = wait({ cluster, job });

      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit'));

      const { reason, message } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ reason, message }, { reason: 'ContainerFailed', message: 'container load exited with code 1' });
    });

    it('does not blame a pod that was tried again for a deadline', async () => {
      const { cluster, job } = await createJob(failedPod, { backoffLimit: 3 });
      const ended = wait({ cluster, job });

      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'DeadlineExceeded', 'Job was active longer than specified deadline'));

      assert.equal(((await whileTimePasses(ended, clock)) as { reason: string }).reason, 'DeadlineExceeded');
    });

    it("repeats the Job's words when no pod is left to tell", async () => {
      const { cluster, job } = await createJob(() => undefined, spec);
      const ended = wait({ cluster, job });

      update(cluster, 'Job', 'sizing-001', conditionOf('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit'));

      const { reason, message } = (await whileTimePasses(ended, clock)) as Extract<EndedJob, { status: 'Failed' }>;
      assert.deepEqual({ reason, message }, { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' });
    });

    it('fails at once when a pod can never start', async () => {
      const waiting = (job: KubeObject) => ({
        phase: 'Pending',
        containerStatuses: job.spec.template.spec.containers.map(({ name }: { name: string }) => ({
          name,
          state: { waiting: { reason: 'ErrImagePull', message: 'not found' } },
        })),
      });

      const ended = await whileTimePasses(wait(await createJob(waiting, spec)), clock);

      assert.equal((ended as { reason: string }).reason, 'ImagePullFailed');
    });

    it('blames the infrastructure when somebody deleted the Job', async () => {
      const { cluster, job } = await createJob(runningPod, spec);
      const ended = wait({ cluster, job });
      await until(() => said.length > 0, clock);

      cluster.delete('Job', 'sizing-001');

      assert.equal(((await whileTimePasses(ended, clock)) as { reason: string }).reason, 'JobDeleted');
    });
  });

  it("rejects with the signal's reason", async () => {
    const ending = new AbortController();
    const reason = new Error('SIGTERM');
    const ended = assert.rejects(wait(await createJob(runningPod), ending.signal), reason);
    await clock.advance(1_000);

    ending.abort(reason);

    await ended;
  });

  it('hands on what the API server refuses', async () => {
    const created = await createJob(runningPod);
    const refused = new ClusterError(403, 'Forbidden', 'pods is forbidden');
    created.cluster.refuse('watch Pod', refused);

    await assert.rejects(whileTimePasses(wait(created), clock), refused);
  });
});

/** A watch whose connection breaks without a word after its first event. */
async function* silentAfter(object: KubeObject): AsyncIterable<WatchEvent> {
  yield { type: 'ADDED', object };
  await new Promise(() => undefined);
}
