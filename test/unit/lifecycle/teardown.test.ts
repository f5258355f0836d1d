import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { mountFiles } from '../../../runner/lifecycle/mount-files.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import { pointBefore } from '../../../runner/lifecycle/restore-point.ts';
import { teardown, type TeardownDeps } from '../../../runner/lifecycle/teardown.ts';
import type { RenderedTrial } from '../../../runner/model/trial.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { failedPod, fakeCluster, runningPod, succeededPod, type FakeCluster, type PlayJob } from '../../support/fake-cluster.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { aRenderedTrial, aSetupTask, aTrial, aTrialTemplate, START } from '../../support/trials.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();

/** A trial whose setup finds its order in a ConfigMap. */
function aTrialWithSetup(): RenderedTrial {
  const task = aSetupTask({ image: undefined, manifests: ['db.yaml'] });
  const timeouts = { ...aTrialTemplate().timeouts, setupDelete: 60_000 };
  return aRenderedTrial({
    setup: buildSetup(aTrial(), aTrialTemplate({ setupTasks: [task] }), [{ key: 'seed.json', text: '{}' }], 'fieldtrial:test'),
    timeouts,
  });
}

describe('the teardown', () => {
  let clock: ManualClock;
  let events: RunEvent[];

  beforeEach(() => {
    clock = manualClock(START);
    events = [];
  });

  function tearDown(cluster: FakeCluster, rendered: RenderedTrial, deps: Partial<TeardownDeps> = {}, ending = signal) {
    const emit = (event: RunEvent) => void events.push(event);
    return whileTimePasses(teardown(rendered, { cluster, clock, emit, unschedulableGrace: 60_000, ...deps }, ending), clock);
  }

  /** The slot as the trial left it: its setup ran, and its Job too. */
  async function slotOf(rendered: RenderedTrial, play: PlayJob = succeededPod): Promise<FakeCluster> {
    const cluster = fakeCluster([], play);
    const { setup, job } = rendered;
    for (const object of [...(setup?.configMaps ?? []), setup?.create, job]) {
      if (object !== undefined) await cluster.create(object as KubeObject, signal);
    }
    cluster.changes.length = 0;
    return cluster;
  }

  it('stops the load first, then deletes the setup, then what told it how', async () => {
    const rendered = aTrialWithSetup();
    const cluster = await slotOf(rendered);

    const state = await tearDown(cluster, rendered);

    assert.deepEqual(state, { status: 'Clean' });
    assert.deepEqual(cluster.changes, [
      'remove Job shop-1/sizing-001',
      'remove Job shop-1/sizing-001-create',
      'create Job shop-1/sizing-001-delete',
      'remove Job shop-1/sizing-001-delete',
      'remove ConfigMap shop-1/sizing-001-setup',
    ]);
  });

  it('has nothing to do twice', async () => {
    const rendered = aRenderedTrial();
    const cluster = await slotOf(rendered);
    await tearDown(cluster, rendered);
    cluster.changes.length = 0;

    assert.deepEqual(await tearDown(cluster, rendered), { status: 'Clean' });
    assert.deepEqual(cluster.changes, []);
  });

  it('removes a Job that has completed without looking for it', async () => {
    const rendered = aRenderedTrial();
    const cluster = await slotOf(rendered);
    const completedJob = cluster.get('Job', 'sizing-001')?.metadata.uid;
    const read = () => assert.fail('looked for it');

    const state = await tearDown({ ...cluster, read }, rendered, { completedJob });

    assert.deepEqual(state, { status: 'Clean' });
    assert.deepEqual(cluster.changes, ['remove Job shop-1/sizing-001']);
  });

  it("leaves somebody else's Job of the same name", async () => {
    const cluster = fakeCluster([{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'sizing-001', namespace: 'shop-1' } }]);

    await tearDown(cluster, aRenderedTrial());

    assert.ok(cluster.get('Job', 'sizing-001') !== undefined);
  });

  it('waits until the pods of the trial are gone before the setup is deleted', async () => {
    const rendered = aTrialWithSetup();
    const cluster = await slotOf(rendered);
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'slow', namespace: 'shop-1', labels: { 'fieldtrial.dev/trial-uid': 'trial-uid' } },
      status: { phase: 'Running' },
    });
    const ended = tearDown(cluster, rendered);
    await until(() => events.some(({ type }) => type === 'waiting'), clock);
    assert.ok(!cluster.changes.includes('create Job shop-1/sizing-001-delete'));

    cluster.delete('Pod', 'slow');

    assert.deepEqual(await ended, { status: 'Clean' });
    assert.match(JSON.stringify(events), /pod slow is still terminating/);
  });

  it('deletes nothing of a setup that never came to write its order', async () => {
    const rendered = aTrialWithSetup();
    const cluster = fakeCluster();

    assert.deepEqual(await tearDown(cluster, rendered), { status: 'Clean' });
    assert.deepEqual(cluster.changes, []);
  });

  describe('of a trial whose patches are put back', () => {
    const web = (a: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'web', namespace: 'shop-1' },
      data: { a },
    });
    const target = { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' };
    const point = (until: 'trial' | 'run') => pointBefore({ before: web('1'), after: web('2') }, { until, target });

    it('puts back what is to be put back after each trial, and leaves what is for the end of the run', async () => {
      const [trial, run] = [fakeCluster([web('2')]), fakeCluster([web('2')])];

      await tearDown(trial, aRenderedTrial(), { restore: [point('trial')] });
      await tearDown(run, aRenderedTrial(), { restore: [point('run')] });

      assert.deepEqual([trial.get('ConfigMap', 'web')?.['data'].a, run.get('ConfigMap', 'web')?.['data'].a], ['1', '2']);
    });

    it('leaves the slot dirty when that is refused', async () => {
      const cluster = fakeCluster([web('2')]);
      cluster.refuse('patch', new ClusterError(403, 'Forbidden', 'configmaps "web" is forbidden'));

      assert.deepEqual(await tearDown(cluster, aRenderedTrial(), { restore: [point('trial')] }), {
        status: 'Dirty',
        reason: 'RestoreFailed',
        message: 'ConfigMap web could not be put back: configmaps "web" is forbidden',
      });
    });

    it('does it also when the setup cannot be deleted', async () => {
      const rendered = aTrialWithSetup();
      const cluster = await slotOf(rendered, (job) => (job.metadata.name === 'sizing-001-delete' ? failedPod(job) : succeededPod(job)));
      cluster.put(web('2'));

      const state = await tearDown(cluster, rendered, { restore: [point('trial')] });

      assert.equal(state.status === 'Dirty' && state.reason, 'SetupJobFailed');
      assert.equal(cluster.get('ConfigMap', 'web')?.['data'].a, '1');
    });
  });

  it("runs a delete Job whose tasks had nothing to create, and removes the repository's files too", async () => {
    const { setup, ...rest } = aTrialWithSetup();
    const files = mountFiles(aTrial(), []).configMap;
    const rendered = { ...rest, setup: { ...setup!, create: undefined }, files };
    const cluster = await slotOf(rendered);
    await cluster.create(files as KubeObject, signal);
    cluster.changes.length = 0;

    assert.deepEqual(await tearDown(cluster, rendered), { status: 'Clean' });
    assert.deepEqual(cluster.changes, [
      'remove Job shop-1/sizing-001',
      'create Job shop-1/sizing-001-delete',
      'remove Job shop-1/sizing-001-delete',
      'remove ConfigMap shop-1/sizing-001-setup',
      'remove ConfigMap shop-1/sizing-001-files',
    ]);
  });

  describe('tells the delete Job', () => {
    const environmentOf = async (deps: Partial<TeardownDeps>) => {
      const rendered = aTrialWithSetup();
      let environment: { name: string; value: string }[] = [];
      const cluster = await slotOf(rendered, (job) => {
        if (job.metadata.name === 'sizing-001-delete') environment = job.spec.template.spec.containers[0].env;
        return succeededPod(job);
      });
      await tearDown(cluster, rendered, deps);
      return Object.fromEntries(environment.map(({ name, value }) => [name, value]));
    };

    it('why the trial failed', async () => {
      const { MODE, FAILURE_REASON } = await environmentOf({ failureReason: 'OOMKilled' });

      assert.deepEqual({ MODE, FAILURE_REASON }, { MODE: 'delete', FAILURE_REASON: 'OOMKilled' });
    });

    it('nothing of a trial that completed', async () => {
      assert.equal('FAILURE_REASON' in (await environmentOf({})), false);
    });
  });

  describe('that fails', () => {
    const dirtied = async (play: PlayJob) => {
      const rendered = aTrialWithSetup();
      const cluster = await slotOf(rendered, (job) => (job.metadata.name === 'sizing-001-delete' ? play(job) : succeededPod(job)));
      return { rendered, cluster };
    };

    it('leaves the slot dirty, with the reason', async () => {
      const { rendered, cluster } = await dirtied(failedPod);

      assert.deepEqual(await tearDown(cluster, rendered), {
        status: 'Dirty',
        reason: 'SetupJobFailed',
        message: 'container seed exited with code 1',
      });
    });

    it('keeps the order for another attempt', async () => {
      const { rendered, cluster } = await dirtied(failedPod);

      await tearDown(cluster, rendered);

      assert.ok(cluster.get('ConfigMap', 'sizing-001-setup') !== undefined);
    });

    it('says what it waited for when it took too long', async () => {
      const { rendered, cluster } = await dirtied(runningPod);

      assert.deepEqual(await tearDown(cluster, rendered), {
        status: 'Dirty',
        reason: 'SetupJobTimeout',
        message: 'pod sizing-001-delete-pod is Running after 1m',
      });
    });

    it('is dirty too when the API server refuses', async () => {
      const { rendered, cluster } = await dirtied(succeededPod);
      cluster.refuse('remove Job', new ClusterError(403, 'Forbidden', 'jobs.batch is forbidden'));

      assert.deepEqual(await tearDown(cluster, rendered), { status: 'Dirty', reason: 'Forbidden', message: 'jobs.batch is forbidden' });
    });

    it('may succeed at another attempt: the Job that failed does not answer for it', async () => {
      let attempts = 0;
      const { rendered, cluster } = await dirtied((job) => (++attempts === 1 ? failedPod(job) : succeededPod(job)));
      await tearDown(cluster, rendered);

      assert.deepEqual(await tearDown(cluster, rendered, { again: true }), { status: 'Clean' });
    });
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error('SIGTERM');

    await assert.rejects(tearDown(fakeCluster(), aRenderedTrial(), {}, AbortSignal.abort(reason)), reason);
  });

  it('does not catch a bug', async () => {
    const bug = new TypeError('undefined is not a function');
    const cluster = fakeCluster();
    cluster.refuse('read', bug);

    await assert.rejects(tearDown(cluster, aRenderedTrial()), bug);
  });
});
