import assert from 'node:assert/strict';
import { mountFiles } from '../../../runner/lifecycle/mount-files.ts';
import { runJob, trialPods } from '../../../runner/lifecycle/run-job.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { RenderedTrial } from '../../../runner/model/trial.ts';
import { fakeCluster, succeededPod, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { aRenderedTrial, aTrial } from '../../support/trials.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();

function run(cluster: FakeCluster, rendered: RenderedTrial = aRenderedTrial()) {
  const clock = manualClock();
  return whileTimePasses(runJob(rendered, { cluster, clock, unschedulableGrace: 60_000, waiting: () => undefined }, signal), clock);
}

async function failureOf(running: Promise<unknown>): Promise<StageFailure> {
  const error: unknown = await running.then(
    () => assert.fail('nothing failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StageFailure);
  return error;
}

describe('the trial Job', () => {
  it('gives the window of its containers, moved by the offset, its uid and its images', async () => {
    const play = (job: any) => {
      const status = succeededPod(job) as { containerStatuses: object[] };
      return { ...status, containerStatuses: status.containerStatuses.map((each) => ({ ...each, imageID: 'load@sha256:1' })) };
    };
    const cluster = fakeCluster([], play);

    const result = await run(cluster, aRenderedTrial({ startTimeOffset: 5_000 }));

    assert.deepEqual(result, {
      window: { startTime: '2026-01-01T10:00:05.000Z', completionTime: '2026-01-01T10:00:30.000Z' },
      jobUid: cluster.get('Job', 'sizing-001')?.metadata.uid,
      images: ['load: load@sha256:1'],
    });
  });

  it('is adopted when this trial created it before', async () => {
    const cluster = fakeCluster();
    const created = await cluster.create(aRenderedTrial().job as any, signal);

    const { jobUid } = await run(cluster);

    assert.equal(jobUid, created.metadata.uid);
  });

  it("finds the repository's files that it mounts, also those that setup tasks have mounted before", async () => {
    const rendered = aRenderedTrial({ files: mountFiles(aTrial(), []).configMap });
    const cluster = fakeCluster();

    await run(cluster, rendered);
    await run(cluster, rendered);

    assert.deepEqual(cluster.changes.slice(0, 2), ['create ConfigMap shop-1/sizing-001-files', 'create Job shop-1/sizing-001']);
  });

  it('was interrupted when the journal had no room for its files, and they are not in the cluster', async () => {
    const { data: _data, binaryData: _binaryData, ...configMap } = mountFiles(aTrial(), []).configMap;

    const failure = await failureOf(run(fakeCluster(), aRenderedTrial({ files: { ...configMap, omitted: true } })));

    assert.deepEqual(
      { stage: failure.stage, reason: failure.reason, infrastructure: failure.infrastructure },
      { stage: 'run', reason: 'Interrupted', infrastructure: true },
    );
  });

  it('is not taken over from somebody else, whatever its name', async () => {
    const cluster = fakeCluster([{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'sizing-001', namespace: 'shop-1' } }]);

    const failure = await failureOf(run(cluster));

    assert.equal(failure.reason, 'SlotDirty');
    assert.equal(failure.message, "Job shop-1/sizing-001 exists and is not this trial's; delete it or rename the experiment");
  });

  it('is lost when it completed while no runner was there and its pod is gone', async () => {
    const cluster = fakeCluster();
    const created = await cluster.create(aRenderedTrial().job as any, signal);
    cluster.put({ ...created, status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True', reason: 'CompletionsReached' }] } });
    cluster.delete('Pod', 'sizing-001-pod');

    const failure = await failureOf(run(cluster));

    assert.deepEqual([failure.reason, failure.infrastructure], ['PodLost', true]);
  });

  it('is lost when nobody knows any more when it ran', async () => {
    const failure = await failureOf(run(fakeCluster([], () => ({ phase: 'Succeeded' }))));

    assert.equal(failure.reason, 'PodLost');
    assert.equal(failure.infrastructure, true);
  });
});

describe('the pods of a trial', () => {
  it('are those of its own Job, not those of its setup', async () => {
    const cluster = fakeCluster();
    await cluster.create(aRenderedTrial().job as any, signal);

    assert.equal((await trialPods(aRenderedTrial(), cluster, signal)).length, 1);
    assert.equal((await trialPods(aRenderedTrial(), cluster, signal, 'trialSetup')).length, 0);
  });
});
