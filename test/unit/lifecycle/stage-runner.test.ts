import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import { stageRunner, type StageWork } from '../../../runner/lifecycle/stage-runner.ts';
import type { SetupResult, TrialProgress } from '../../../runner/lifecycle/trial-progress.ts';
import { InvalidInput, StageFailure } from '../../../runner/model/errors.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { aProgress, START } from '../../support/trials.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const LIMITS = { deadline: 300_000, reason: 'SetupJobTimeout' };
const RESULT: SetupResult = { images: ['seed: seed@sha256:1'] };

describe('the runner of stages', () => {
  let clock: ManualClock;
  let events: RunEvent[];
  let journal: TrialProgress[];
  let run: AbortController;

  beforeEach(() => {
    clock = manualClock(START);
    events = [];
    journal = [];
    run = new AbortController();
  });

  function runnerOf(start = aProgress()) {
    const checkpoint = (progress: TrialProgress) => Promise.resolve(void journal.push(progress));
    return stageRunner(start, { clock, emit: (event) => void events.push(event), checkpoint }, run.signal);
  }

  /** Lets time pass until the stage has failed, and hands on its failure. */
  async function failureOf(
    work: StageWork<SetupResult>,
    limits: Parameters<ReturnType<typeof runnerOf>['stage']>[1] = LIMITS,
    start = aProgress(),
  ): Promise<StageFailure> {
    const failure = await whileTimePasses(
      runnerOf(start)
        .stage('setup-create', limits, work)
        .catch((error: unknown) => error),
      clock,
    );
    assert.ok(failure instanceof StageFailure);
    return failure;
  }

  describe('a stage that succeeds', () => {
    it('hands on its result and keeps it', async () => {
      const runner = runnerOf();

      const result = await runner.stage('setup-create', LIMITS, () => Promise.resolve(RESULT));

      assert.equal(result, RESULT);
      assert.deepEqual(runner.progress().results, { 'setup-create': RESULT });
    });

    it('is journaled before its work begins', async () => {
      let known: string | undefined;

      await runnerOf().stage('setup-create', LIMITS, () => {
        known = journal.at(-1)?.stage;
        return Promise.resolve(RESULT);
      });

      assert.equal(known, 'setup-create');
    });

    it('is announced when it begins and when it ends, and timed', async () => {
      const runner = runnerOf();

      await whileTimePasses(
        runner.stage('setup-create', LIMITS, (signal) => clock.sleep(2_000, signal).then(() => RESULT)),
        clock,
      );

      assert.deepEqual(events, [
        { type: 'stage-started', trial: 'sizing-001', slot: 'shop-1', stage: 'setup-create' },
        { type: 'stage-finished', trial: 'sizing-001', slot: 'shop-1', stage: 'setup-create', seconds: 2 },
      ]);
      assert.deepEqual(runner.progress().timings, [{ stage: 'setup-create', startedAt: START, finishedAt: '2026-01-01T10:00:02.000Z' }]);
    });

    it('says what it waits for whenever that changes, each thing once in a row', async () => {
      await runnerOf().stage('setup-create', LIMITS, (_signal, waiting) => {
        for (const message of ['a pod', 'a pod', 'an image', 'a pod']) waiting(message);
        return Promise.resolve(RESULT);
      });

      const said = events.flatMap((event) => (event.type === 'waiting' ? [event.message] : []));
      assert.deepEqual(said, ['a pod', 'an image', 'a pod']);
    });

    it('does not begin when the API server does not take its journal, which the settings are not to blame for', async () => {
      const away = new ClusterError(503, 'ServiceUnavailable', 'the server is away');
      const runner = stageRunner(aProgress(), { clock, emit: () => undefined, checkpoint: () => Promise.reject(away) }, run.signal);

      await assert.rejects(
        runner.stage('setup-create', LIMITS, () => assert.fail('began')),
        (error: Error) => error instanceof StageFailure && error.reason === 'ApiUnavailable' && error.infrastructure,
      );
    });

    it('does not begin when the journal cannot be written: the slot is not ours any more', async () => {
      const lost = new Error('the Lease is lost');
      const runner = stageRunner(aProgress(), { clock, emit: () => undefined, checkpoint: () => Promise.reject(lost) }, run.signal);

      await assert.rejects(
        runner.stage('setup-create', LIMITS, () => assert.fail('began')),
        lost,
      );
    });
  });

  describe('a stage that only reads', () => {
    const READING = { ...LIMITS, readsOnly: true };

    it('does not wait for its journal, but does not end before it', async () => {
      const order: string[] = [];
      const written = Promise.withResolvers<void>();
      const runner = stageRunner(aProgress(), { clock, emit: () => undefined, checkpoint: () => written.promise }, run.signal);

      const staged = runner.stage('setup-create', READING, () =>
        Promise.resolve(order.push('worked'))
          .then(() => written.resolve())
          .then(() => RESULT),
      );
      await Promise.all([staged.then(() => order.push('ended')), written.promise.then(() => order.push('journaled'))]);

      assert.deepEqual(order, ['worked', 'journaled', 'ended']);
    });

    it('has no result when the journal could not be written meanwhile', async () => {
      const lost = new Error('the Lease is lost');
      const runner = stageRunner(aProgress(), { clock, emit: () => undefined, checkpoint: () => Promise.reject(lost) }, run.signal);

      await assert.rejects(
        runner.stage('setup-create', READING, () => Promise.resolve(RESULT)),
        lost,
      );
      assert.deepEqual(runner.progress().results, {});
    });
  });

  describe('a stage that an earlier runner knew', () => {
    it('is not run again when its result is journaled', async () => {
      const runner = runnerOf(aProgress({ stage: 'patch', results: { 'setup-create': RESULT } }));

      const result = await runner.stage('setup-create', LIMITS, () => assert.fail('was run again'));

      assert.deepEqual(result, RESULT);
      assert.deepEqual(events, []);
      assert.deepEqual(journal, []);
    });

    it('keeps the time at which it first began', async () => {
      await clock.advance(60_000);
      const runner = runnerOf(aProgress({ stage: 'setup-create', stageStartedAt: START }));

      await runner.stage('setup-create', LIMITS, () => Promise.resolve(RESULT));

      assert.deepEqual(runner.progress().timings, [{ stage: 'setup-create', startedAt: START, finishedAt: '2026-01-01T10:01:00.000Z' }]);
    });

    it('has only what is left of its deadline', async () => {
      await clock.advance(270_000);

      await failureOf(forever, LIMITS, aProgress({ stage: 'setup-create', stageStartedAt: START }));

      assert.equal(clock.now().toISOString(), '2026-01-01T10:05:00.000Z');
    });

    it('is looked at for a while when its deadline has passed: it may have succeeded meanwhile', async () => {
      await clock.advance(3_600_000);
      const resumed = runnerOf(aProgress({ stage: 'setup-create', stageStartedAt: START }));

      const result = await whileTimePasses(
        resumed.stage('setup-create', LIMITS, (signal) => clock.sleep(10_000, signal).then(() => RESULT)),
        clock,
      );

      assert.equal(result, RESULT);
    });

    it('was interrupted when nobody was there while its time ran out: it might have ended well', async () => {
      await clock.advance(3_600_000);

      const failure = await failureOf(forever, LIMITS, aProgress({ stage: 'setup-create', stageStartedAt: START }));

      assert.deepEqual([failure.reason, failure.infrastructure], ['Interrupted', true]);
      assert.match(failure.message, /after 5m, in which no runner was there$/);
    });

    it('fails for its own reason when its time runs out while somebody is there again', async () => {
      await clock.advance(200_000);

      const failure = await failureOf(forever, LIMITS, aProgress({ stage: 'setup-create', stageStartedAt: START }));

      assert.deepEqual([failure.reason, failure.infrastructure], ['SetupJobTimeout', false]);
    });
  });

  describe('a stage whose deadline passes', () => {
    it('fails with its reason and with what was missing', async () => {
      const failure = await failureOf((signal, waiting) => {
        waiting('container seed ContainerCreating');
        return forever(signal);
      });

      assert.equal(failure.reason, 'SetupJobTimeout');
      assert.equal(failure.message, 'container seed ContainerCreating after 5m');
      assert.equal(failure.infrastructure, false);
    });

    it('fails on time also when that is short', async () => {
      const failure = await failureOf(forever, { ...LIMITS, deadline: 5_000 });

      assert.equal(failure.message, 'not done after 5s');
      assert.equal(clock.now().toISOString(), '2026-01-01T10:00:05.000Z');
    });

    it('says that it was not done when it never said what was missing', async () => {
      assert.equal((await failureOf(forever)).message, 'not done after 5m');
    });

    it('carries evidence that is looked at only then', async () => {
      const evidence = { events: ['FailedMount: no such secret'] };

      const failure = await failureOf(forever, { ...LIMITS, evidence: () => Promise.resolve(evidence) });

      assert.deepEqual(failure.evidence, evidence);
    });

    it('fails all the same when there is no evidence to be had', async () => {
      const refused = new ClusterError(403, 'Forbidden', 'pods is forbidden');

      const failure = await failureOf(forever, { ...LIMITS, evidence: () => Promise.reject(refused) });

      assert.equal(failure.reason, 'SetupJobTimeout');
      assert.deepEqual(failure.evidence, { refused: 'evidence unavailable: pods is forbidden' });
    });

    it('does not wait forever for evidence', async () => {
      const failure = await failureOf(forever, { ...LIMITS, evidence: forever });

      assert.equal(failure.reason, 'SetupJobTimeout');
      assert.equal(clock.now().toISOString(), '2026-01-01T10:05:15.000Z');
    });

    it('keeps the failure of work that knows more than that time was up', async () => {
      const own = new StageFailure('collect', 'MetricFailed', 'metric p95: no data');

      const failure = await failureOf((signal) => forever(signal).catch(() => Promise.reject(own)));

      assert.equal(failure, own);
    });
  });

  describe('a stage that fails', () => {
    it('is announced with reason and message, and timed', async () => {
      const runner = runnerOf();
      const failure = new StageFailure('setup-create', 'SetupJobFailed', 'container seed exited with code 1');

      await assert.rejects(
        runner.stage('setup-create', LIMITS, () => Promise.reject(failure)),
        failure,
      );

      assert.deepEqual(events.at(-1), {
        type: 'stage-failed',
        trial: 'sizing-001',
        slot: 'shop-1',
        stage: 'setup-create',
        reason: 'SetupJobFailed',
        message: 'container seed exited with code 1',
        seconds: 0,
      });
      assert.equal(runner.progress().timings.length, 1);
      assert.deepEqual(runner.progress().results, {});
    });

    it("fails by the API server's refusal, in its words", async () => {
      const refused = new ClusterError(403, 'Forbidden', 'jobs.batch is forbidden');

      const failure = await failureOf(() => Promise.reject(refused));

      assert.equal(failure.reason, 'Forbidden');
      assert.equal(failure.message, 'jobs.batch is forbidden');
      assert.deepEqual(failure.evidence, { refused: 'jobs.batch is forbidden' });
      assert.equal(failure.infrastructure, false);
      assert.equal(failure.cause, refused);
    });

    for (const [status, wanted] of [
      [403, 'Forbidden'],
      [422, 'Invalid'],
      [418, 'Forbidden'],
    ] as const) {
      it(`has a word for its reason where an admission webhook gave a sentence, with ${status}`, async () => {
        const message = 'admission webhook "tags.example" denied the request: image tag latest is not allowed';
        const refused = new ClusterError(status, 'image tag latest is not allowed', message);

        const failure = await failureOf(() => Promise.reject(refused));

        assert.deepEqual([failure.reason, failure.message], [wanted, message]);
      });
    }

    it('has a word for its reason, too, where its journal was refused with a sentence', async () => {
      const refused = new ClusterError(403, 'annotations are not allowed', 'denied the request: annotations are not allowed');
      const runner = stageRunner(aProgress(), { clock, emit: () => undefined, checkpoint: () => Promise.reject(refused) }, run.signal);

      await assert.rejects(
        runner.stage('setup-create', LIMITS, () => assert.fail('began')),
        (error: Error) => error instanceof StageFailure && error.reason === 'Forbidden',
      );
    });

    it('blames the infrastructure when the API server is away', async () => {
      const failure = await failureOf(() => Promise.reject(new ClusterError(0, 'Unreachable', 'connection refused')));

      assert.equal(failure.reason, 'ApiUnavailable');
      assert.equal(failure.infrastructure, true);
    });

    it('fails by what is wrong in the definition', async () => {
      const invalid = new InvalidInput([{ file: 'e.yaml', line: 3, path: 'spec.patches[0]', message: 'names no target' }]);

      const failure = await failureOf(() => Promise.reject(invalid));

      assert.equal(failure.reason, 'InvalidDefinition');
      assert.equal(failure.message, 'e.yaml:3: spec.patches[0]: names no target');
    });

    it('does not catch a bug', async () => {
      const bug = new TypeError('undefined is not a function');

      await assert.rejects(
        runnerOf().stage('setup-create', LIMITS, () => Promise.reject(bug)),
        bug,
      );
    });
  });

  it("takes the run's own end for no failure of the trial", async () => {
    const ending = new Error('SIGTERM');
    const stage = runnerOf().stage('setup-create', LIMITS, forever);
    const ended = assert.rejects(stage, ending);

    await clock.advance(1_000);
    run.abort(ending);

    await ended;
    assert.deepEqual(
      events.map(({ type }) => type),
      ['stage-started'],
    );
  });
});

/** Work that only the signal ends. */
function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
