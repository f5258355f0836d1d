import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { runTrial, type TrialDeps, type TrialEnd } from '../../../runner/lifecycle/run-trial.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import type { TrialProgress } from '../../../runner/lifecycle/trial-progress.ts';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import type { Metric } from '../../../runner/model/experiment.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { RenderedTrial } from '../../../runner/model/trial.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { aMetric } from '../../support/builders.ts';
import { failedPod, fakeCluster, runningPod, succeededPod, type FakeCluster, type PlayJob } from '../../support/fake-cluster.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { aProgress, aRenderedTrial, aSetupTask, aTrial, aTrialTemplate, START } from '../../support/trials.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

/** A Deployment that is ready for the two replicas that the trial wants. */
const APP: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'shop-1', generation: 1 },
  spec: { replicas: 1 },
  status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
};

/** A trial with one task of setup, one patch and one metric: every stage has something to do. */
function aFullTrial(fields: Partial<RenderedTrial> = {}): RenderedTrial {
  return aRenderedTrial({
    setup: buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask()] }), [], 'fieldtrial:test'),
    patches: [
      { index: 0, target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' }, type: 'merge', body: { spec: { replicas: 2 } } },
    ],
    ...fields,
  });
}

/** One Job of the trial plays this, every other succeeds. */
const only =
  (name: string, play: PlayJob): PlayJob =>
  (job) =>
    job.metadata.name === name ? play(job) : succeededPod(job);

describe('a trial', () => {
  let clock: ManualClock;
  let events: RunEvent[];
  let reported: TrialRecord[];
  let journal: TrialProgress[];
  let run: AbortController;

  beforeEach(() => {
    clock = manualClock(START);
    events = [];
    reported = [];
    journal = [];
    run = new AbortController();
  });

  function begin(cluster: FakeCluster, start: TrialProgress, deps: Partial<TrialDeps> = {}): Promise<TrialEnd> {
    return runTrial(
      start,
      {
        cluster,
        clock,
        emit: (event) => void events.push(event),
        unschedulableGrace: 60_000,
        runner: { version: '0.1.0', run: 'run-1' },
        metricAccess: OPEN_ACCESS,
        checkpoint: (progress) => Promise.resolve(void journal.push(progress)),
        restoreLog: { points: () => [], remember: () => Promise.resolve() },
        async report(record) {
          reported.push(record);
          cluster.changes.push('report');
        },
        ...deps,
      },
      run.signal,
    );
  }

  function tryIt(cluster: FakeCluster, rendered = aFullTrial(), deps: Partial<TrialDeps> = {}): Promise<TrialEnd> {
    return whileTimePasses(begin(cluster, aProgress({ rendered }), deps), clock);
  }

  const stagesDone = () =>
    events.flatMap((event) => (event.type === 'stage-finished' || event.type === 'stage-failed' ? [event.stage] : []));

  describe('that succeeds', () => {
    it('goes through every stage in order', async () => {
      await tryIt(fakeCluster([APP]));

      assert.deepEqual(stagesDone(), ['setup-create', 'patch', 'stabilize', 'run', 'collect', 'setup-delete']);
    });

    it('is reported once, with its values and its window, before its setup is deleted', async () => {
      const cluster = fakeCluster([APP]);

      const { record } = await tryIt(cluster);

      assert.deepEqual(reported, [record]);
      assert.equal(record.status.phase, 'Completed');
      assert.deepEqual(
        record.status.values.map(({ name, value }) => `${name}=${value}`),
        ['one=1'],
      );
      assert.equal(record.status.startTime, '2026-01-01T10:00:00.000Z');
      assert.equal(record.status.completionTime, '2026-01-01T10:00:30.000Z');
      assert.ok(cluster.changes.indexOf('report') < cluster.changes.indexOf('create Job shop-1/sizing-001-delete'));
    });

    it('leaves nothing behind but what it patched', async () => {
      const cluster = fakeCluster([APP]);

      const { slot } = await tryIt(cluster);

      assert.deepEqual(slot, { status: 'Clean' });
      for (const name of ['sizing-001', 'sizing-001-create', 'sizing-001-delete']) assert.equal(cluster.get('Job', name), undefined);
      assert.equal(cluster.get('Deployment', 'app')?.spec.replicas, 2);
    });

    it('journals each stage before it begins', async () => {
      await tryIt(fakeCluster([APP]));

      assert.deepEqual(
        journal.map(({ stage }) => stage),
        ['setup-create', 'patch', 'stabilize', 'run', 'collect'],
      );
    });

    it('skips stages that have nothing to do', async () => {
      await tryIt(fakeCluster(), aRenderedTrial());

      assert.deepEqual(stagesDone(), ['run', 'collect', 'setup-delete']);
    });

    it('runs the delete Job of tasks that had nothing to create', async () => {
      const task = aSetupTask({ image: undefined, manifests: ['db.yaml'], skipCreate: true });
      const setup = buildSetup(aTrial(), aTrialTemplate({ setupTasks: [task] }), [{ key: 'seed.json', text: '{}' }], 'fieldtrial:test');
      const cluster = fakeCluster();

      const { record } = await begin(cluster, aProgress({ rendered: aRenderedTrial({ setup }) }));

      assert.equal(record.status.phase, 'Completed');
      assert.deepEqual(cluster.changes.slice(0, 1), ['create ConfigMap shop-1/sizing-001-setup']);
      assert.ok(cluster.changes.includes('create Job shop-1/sizing-001-delete'));
    });

    it('tells the delete Job why it failed', async () => {
      let environment: { name: string; value: string }[] = [];
      const cluster = fakeCluster([APP], (job) => {
        if (job.metadata.name === 'sizing-001-delete') environment = job.spec.template.spec.containers[0].env;
        return job.metadata.name === 'sizing-001' ? failedPod(job) : succeededPod(job);
      });

      await begin(cluster, aProgress({ rendered: aFullTrial() }));

      assert.deepEqual(environment.at(-1), { name: 'FAILURE_REASON', value: 'ContainerFailed' });
    });

    it('waits its initial delay before the Job is created, besides the time of the stage', async () => {
      const rendered = aRenderedTrial({ initialDelay: 600_000, timeouts: { ...aRenderedTrial().timeouts, run: 60_000 } });

      const { record } = await tryIt(fakeCluster(), rendered);

      assert.equal(record.status.phase, 'Completed');
      assert.ok(clock.now() >= new Date('2026-01-01T10:10:00Z'));
    });
  });

  describe('that fails', () => {
    const timeouts = { setup: 60_000, setupDelete: 60_000, stabilize: 60_000, run: 60_000, collect: 60_000 };
    const cases: { stage: string; reason: string; cluster: () => FakeCluster; rendered?: Partial<RenderedTrial>; message: RegExp }[] = [
      {
        stage: 'setup-create',
        reason: 'SetupJobFailed',
        cluster: () => fakeCluster([APP], only('sizing-001-create', failedPod)),
        message: /^container seed exited with code 1$/,
      },
      {
        stage: 'setup-create',
        reason: 'SetupJobTimeout',
        cluster: () => fakeCluster([APP], only('sizing-001-create', runningPod)),
        message: /^pod sizing-001-create-pod is Running after 1m$/,
      },
      {
        stage: 'patch',
        reason: 'PatchFailed',
        cluster: () => fakeCluster(),
        message: /^patches\[0\]: Deployment app does not exist in namespace shop-1$/,
      },
      {
        stage: 'stabilize',
        reason: 'ReadinessTimeout',
        cluster: () => fakeCluster([{ ...APP, status: { ...APP.status, availableReplicas: 0 } }]),
        message: /^Deployment app: Available 0\/2 after 1m$/,
      },
      {
        stage: 'run',
        reason: 'ContainerFailed',
        cluster: () => fakeCluster([APP], only('sizing-001', failedPod)),
        message: /^container load exited with code 1$/,
      },
      {
        stage: 'run',
        reason: 'DeadlineExceeded',
        cluster: () => fakeCluster([APP], only('sizing-001', runningPod)),
        message: /^pod sizing-001-pod is Running after 1m$/,
      },
      {
        stage: 'collect',
        reason: 'MetricFailed',
        cluster: () => fakeCluster([APP]),
        rendered: { metrics: [{ ...aMetric('cost'), type: 'kubernetes', query: 'plenty' }] },
        message: /^metric cost: the query must render to a finite decimal number$/,
      },
    ];
    for (const { stage, reason, cluster, rendered, message } of cases) {
      it(`in ${stage} with ${reason} is reported with stage, reason and message, and torn down`, async () => {
        const slots = cluster();

        const { record, slot } = await tryIt(slots, aFullTrial({ timeouts, ...rendered }));

        assert.deepEqual(reported, [record]);
        assert.equal(record.status.phase, 'Failed');
        assert.equal(record.status.failure?.stage, stage);
        assert.equal(record.status.failure.reason, reason);
        assert.match(record.status.failure.message, message);
        assert.deepEqual(slot, { status: 'Clean' });
        assert.ok(slots.changes.includes('create Job shop-1/sizing-001-delete'));
        assert.equal(slots.get('Job', 'sizing-001'), undefined);
      });
    }

    it('keeps the last log lines of the container that failed', async () => {
      const cluster = fakeCluster([APP], only('sizing-001', failedPod));
      cluster.logs.set('sizing-001-pod/load', '12 requests\nthe server hung up\n');

      const { record } = await tryIt(cluster);

      assert.equal(record.status.failure?.evidence?.containers?.[0]?.log, '12 requests\nthe server hung up');
    });

    it('keeps the logs of a Job that ran out of time', async () => {
      const cluster = fakeCluster([APP], only('sizing-001', runningPod));
      cluster.logs.set('sizing-001-pod/load', 'still warming up\n');

      const { record } = await tryIt(cluster);

      assert.equal(record.status.failure?.evidence?.containers?.[0]?.log, 'still warming up');
    });

    it('ends with the last line of a setup task in its message', async () => {
      const cluster = fakeCluster([APP], only('sizing-001-create', failedPod));
      cluster.logs.set('sizing-001-create-pod/seed', 'seeding\ntable users is locked\n');

      const { record } = await tryIt(cluster);

      assert.equal(record.status.failure?.message, 'container seed exited with code 1: table users is locked');
    });

    it('keeps values that violate a bound', async () => {
      const { record } = await tryIt(fakeCluster([APP]), aFullTrial({ metrics: [aMetric('one', { max: 0.5 })] }));

      assert.equal(record.status.failure?.reason, 'MetricBound');
      assert.equal(record.status.values[0]?.value, 1);
    });

    it('says which host the installation did not let a metric ask', async () => {
      const metric: Metric = { ...aMetric('rps'), type: 'jsonpath', url: 'http://load.{{trial.namespace}}/stats', query: '{.rps}' };

      const { record } = await tryIt(fakeCluster([APP]), aFullTrial({ metrics: [metric] }), {
        metricAccess: { ...OPEN_ACCESS, hosts: ['a'] },
      });

      const { reason, message, infrastructure, evidence } = record.status.failure ?? {};
      assert.deepEqual([reason, infrastructure], ['MetricFailed', false]);
      assert.equal(message, 'metric rps: this installation does not let metrics ask load.shop-1; it allows a');
      assert.deepEqual(evidence?.metric, { name: 'rps', query: '{.rps}' });
    });

    it('is not failed by a bound when it is the baseline', async () => {
      const { record } = await tryIt(fakeCluster([APP]), aFullTrial({ baseline: true, metrics: [aMetric('one', { max: 0.5 })] }));

      assert.equal(record.status.phase, 'Completed');
    });

    it('blames the infrastructure when the API server is away', async () => {
      const cluster = fakeCluster([APP]);
      cluster.refuse('patch', new ClusterError(0, 'Unreachable', 'connection refused'));

      const { record } = await tryIt(cluster);

      assert.equal(record.status.failure?.reason, 'ApiUnavailable');
      assert.equal(record.status.failure.infrastructure, true);
    });

    it('in setup-delete keeps its result, and its slot is dirty', async () => {
      const { record, slot } = await tryIt(fakeCluster([APP], only('sizing-001-delete', failedPod)));

      assert.equal(record.status.phase, 'Completed');
      assert.deepEqual(slot, { status: 'Dirty', reason: 'SetupJobFailed', message: 'container seed exited with code 1' });
    });
  });

  describe('that meets a bug', () => {
    const bug = new TypeError('undefined is not a function');

    async function meet() {
      const cluster = fakeCluster([APP]);
      cluster.refuse('patch', bug);
      return { cluster, ...(await tryIt(cluster)) };
    }

    it('is recorded as InternalError, which says nothing of its settings', async () => {
      const { record } = await meet();

      assert.equal(record.status.failure?.stage, 'patch');
      assert.equal(record.status.failure.reason, 'InternalError');
      assert.equal(record.status.failure.infrastructure, true);
    });

    it('hands the bug on, and is torn down all the same', async () => {
      const { cluster, slot, bug: handedOn } = await meet();

      assert.equal(handedOn, bug);
      assert.deepEqual(slot, { status: 'Clean' });
      assert.equal(cluster.get('Job', 'sizing-001-create'), undefined);
    });
  });

  describe('when the run ends', () => {
    it('is left as it is, for whoever comes next: nothing is reported or deleted', async () => {
      const reason = new Error('SIGTERM');
      const cluster = fakeCluster([APP], only('sizing-001', runningPod));
      const ended = assert.rejects(begin(cluster, aProgress({ rendered: aFullTrial() })), reason);
      await until(() => cluster.get('Job', 'sizing-001') !== undefined, clock);

      run.abort(reason);

      await ended;
      assert.deepEqual(reported, []);
      assert.ok(cluster.get('Job', 'sizing-001') !== undefined);
      assert.equal(
        cluster.changes.some((change) => change.startsWith('remove')),
        false,
      );
    });

    it('does not begin a stage when the slot is not ours any more', async () => {
      const lost = new Error('the Lease is lost');
      const cluster = fakeCluster([APP]);

      const trial = begin(cluster, aProgress({ rendered: aFullTrial() }), {
        async checkpoint() {
          run.abort(lost);
          throw lost;
        },
      });

      await assert.rejects(trial, lost);
      assert.deepEqual(cluster.changes, []);
    });
  });

  describe('that an earlier runner began', () => {
    /** What the journal held when the first runner ended while the trial Job ran, and the cluster it left. */
    async function interrupted(rendered = aFullTrial()): Promise<{ cluster: FakeCluster; left: TrialProgress }> {
      const cluster = fakeCluster([APP], only('sizing-001', runningPod));
      const ended = begin(cluster, aProgress({ rendered })).catch(() => undefined);
      await until(() => cluster.get('Job', 'sizing-001') !== undefined, clock);
      run.abort(new Error('SIGTERM'));
      await ended;
      run = new AbortController();
      cluster.changes.length = 0;
      events = [];
      return { cluster, left: JSON.parse(JSON.stringify(journal.at(-1))) };
    }

    function endJob(cluster: FakeCluster): void {
      const pod = cluster.get('Pod', 'sizing-001-pod')!;
      cluster.put({ ...pod, status: succeededPod(cluster.get('Job', 'sizing-001')!) });
    }

    it('goes on where it was: the Job that runs is adopted and nothing is done twice', async () => {
      const { cluster, left } = await interrupted();
      endJob(cluster);

      const { record } = await whileTimePasses(begin(cluster, left), clock);

      assert.equal(record.status.phase, 'Completed');
      assert.deepEqual(stagesDone(), ['run', 'collect', 'setup-delete']);
      assert.deepEqual(cluster.changes.filter((change) => change !== 'create Job shop-1/sizing-001').slice(0, 1), ['report']);
    });

    it('has the stages of both runners in its record', async () => {
      const { cluster, left } = await interrupted();
      endJob(cluster);

      const { record } = await whileTimePasses(begin(cluster, left), clock);

      assert.deepEqual(
        record.status.stages.map(({ stage }) => stage),
        ['setup-create', 'patch', 'stabilize', 'run', 'collect'],
      );
      assert.deepEqual(
        record.status.patches.map(({ effect }) => effect),
        ['changed'],
      );
    });

    it('does not wait its initial delay again', async () => {
      const { cluster, left } = await interrupted(aFullTrial({ initialDelay: 600_000 }));
      endJob(cluster);
      const before = clock.now().getTime();

      await whileTimePasses(begin(cluster, left), clock);

      assert.ok(clock.now().getTime() - before < 600_000);
    });

    it('fails when its Job was replaced by somebody else', async () => {
      const { cluster, left } = await interrupted();
      const job = cluster.get('Job', 'sizing-001')!;
      cluster.delete('Job', 'sizing-001');
      cluster.put({ ...job, metadata: { ...job.metadata, labels: {} } });

      const { record } = await whileTimePasses(begin(cluster, left), clock);

      assert.equal(record.status.failure?.reason, 'SlotDirty');
      assert.ok(cluster.get('Job', 'sizing-001') !== undefined);
    });
  });
});
