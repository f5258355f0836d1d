import assert from 'node:assert/strict';
import { buildRecord, type Outcome } from '../../../runner/lifecycle/build-record.ts';
import type { TrialProgress } from '../../../runner/lifecycle/trial-progress.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { MetricValue } from '../../../runner/model/record.ts';
import type { Stage } from '../../../runner/model/stage.ts';
import { aTrial } from '../../support/trials.ts';

const RUNNER = { version: '0.1.0', run: 'run-2' };
const P95: MetricValue = { name: 'p95', value: 0.25, type: 'prometheus', query: 'q', raw: '0.25', time: '2026-01-01T10:01:00.000Z' };
const WINDOW = { startTime: '2026-01-01T10:00:10.000Z', completionTime: '2026-01-01T10:01:00.000Z' };
const COMPLETED: Outcome = { status: 'Completed', values: [P95] };

/** Stages one second after the other. */
function timingsOf(...stages: Stage[]): TrialProgress['timings'] {
  const at = (second: number) => `2026-01-01T10:00:0${second}.000Z`;
  return stages.map((stage, index) => ({ stage, startedAt: at(index), finishedAt: at(index + 1) }));
}

function recordOf(outcome: Outcome, fields: Partial<Pick<TrialProgress, 'results' | 'timings'>> = {}) {
  return buildRecord({ trial: aTrial(), baseline: false, results: {}, timings: [], ...fields }, outcome, RUNNER);
}

const failed = (stage: Stage, reason: string, options: ConstructorParameters<typeof StageFailure>[3] = {}): Outcome => ({
  status: 'Failed',
  failure: new StageFailure(stage, reason, 'why', options),
  values: [],
});

describe('the record of a trial', () => {
  it('says what was tried, by whom, where, and of which definition', () => {
    const record = recordOf(COMPLETED);

    assert.deepEqual(record.metadata, { name: 'sizing-001' });
    assert.deepEqual(record.spec, {
      experiment: 'sizing',
      number: 1,
      assignments: [{ name: 'cpu', value: 2 }],
      source: { type: 'random', index: 0 },
      baseline: false,
      definition: { commit: '0123456789abcdef0123456789abcdef01234567', digest: 'digest' },
      slot: 'shop-1',
      runner: RUNNER,
      uid: 'trial-uid',
    });
  });

  it('has its keys in the order of the file', () => {
    const record = recordOf(COMPLETED, { results: { run: { window: WINDOW, jobUid: 'uid-1', images: [] } } });

    assert.deepEqual(Object.keys(record), ['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    assert.deepEqual(Object.keys(record.status), [
      'phase',
      'startTime',
      'completionTime',
      'values',
      'conditions',
      'stages',
      'patches',
      'images',
    ]);
  });

  it('has the window and the values of a completed trial', () => {
    const { status } = recordOf(COMPLETED, { results: { run: { window: WINDOW, jobUid: 'uid-1', images: [] } } });

    assert.equal(status.phase, 'Completed');
    assert.equal(status.startTime, WINDOW.startTime);
    assert.equal(status.completionTime, WINDOW.completionTime);
    assert.deepEqual(status.values, [P95]);
    assert.equal('failure' in status, false);
  });

  it('has no window of a trial whose Job never ended', () => {
    const { status } = recordOf(failed('run', 'DeadlineExceeded'));

    assert.equal('startTime' in status, false);
  });

  it('says which stage failed, why, and with what evidence', () => {
    const { status } = recordOf(
      failed('run', 'ContainerFailed', { evidence: { containers: [{ pod: 'p', container: 'load', exitCode: 1 }], events: [] } }),
    );

    assert.equal(status.phase, 'Failed');
    assert.deepEqual(status.failure, {
      stage: 'run',
      reason: 'ContainerFailed',
      message: 'why',
      infrastructure: false,
      evidence: { containers: [{ pod: 'p', container: 'load', exitCode: 1 }] },
    });
  });

  it('has no evidence where there is none', () => {
    assert.equal('evidence' in recordOf(failed('run', 'ContainerFailed', { evidence: { events: [] } })).status.failure!, false);
  });

  it('tells a failure of the infrastructure', () => {
    assert.equal(recordOf(failed('run', 'Evicted', { infrastructure: true })).status.failure?.infrastructure, true);
  });

  it('keeps values that violate a bound', () => {
    const { status } = recordOf({ status: 'Failed', failure: new StageFailure('collect', 'MetricBound', 'too slow'), values: [P95] });

    assert.deepEqual(status.values, [P95]);
  });

  it("lists the patches that were merged into the trial's own Job after those that were sent", () => {
    const jobPatches = [{ target: 'Job sizing-001', type: 'strategic', effect: 'job' } as const];
    const applied = [{ index: 1, target: 'Deployment app', type: 'merge', effect: 'unchanged' } as const];

    const { status } = buildRecord(
      { trial: aTrial(), baseline: false, results: { patch: applied }, timings: [], jobPatches },
      { status: 'Completed', values: [] },
      RUNNER,
    );

    assert.deepEqual(
      status.patches.map(({ target, effect }) => `${target} ${effect}`),
      ['Deployment app unchanged', 'Job sizing-001 job'],
    );
  });

  it('names patches by what they did, not by their position', () => {
    const { status } = recordOf(COMPLETED, {
      results: { patch: [{ index: 0, target: 'Deployment app', type: 'merge', effect: 'changed', generation: 3 }] },
    });

    assert.deepEqual(status.patches, [{ target: 'Deployment app', type: 'merge', effect: 'changed', generation: 3 }]);
  });

  it('has the images of setup and run, sorted and once', () => {
    const { status } = recordOf(COMPLETED, {
      results: { 'setup-create': { images: ['seed: b', 'a: a'] }, run: { window: WINDOW, jobUid: 'u', images: ['load: c', 'a: a'] } },
    });

    assert.deepEqual(status.images, ['a: a', 'load: c', 'seed: b']);
  });
});

describe('the conditions of a record', () => {
  const conditionsOf = (outcome: Outcome, ...stages: Stage[]) =>
    recordOf(outcome, { timings: timingsOf(...stages) }).status.conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

  it('say what was reached, and that it is complete', () => {
    assert.deepEqual(conditionsOf(COMPLETED, 'create-trial', 'setup-create', 'patch', 'stabilize', 'run', 'collect'), [
      'SetupCreated True Succeeded',
      'Patched True Succeeded',
      'Ready True Succeeded',
      'Observed True Succeeded',
      'Complete True Succeeded',
    ]);
  });

  it('say of the stage that failed that it was not reached', () => {
    assert.deepEqual(conditionsOf(failed('stabilize', 'OOMKilled'), 'patch', 'stabilize'), [
      'Patched True Succeeded',
      'Ready False OOMKilled',
      'Failed True OOMKilled',
    ]);
  });

  it('leave stages out that did not take place', () => {
    assert.deepEqual(conditionsOf(COMPLETED, 'run', 'collect'), ['Observed True Succeeded', 'Complete True Succeeded']);
  });

  it('say of a violated bound that everything was observed', () => {
    assert.deepEqual(conditionsOf(failed('collect', 'MetricBound'), 'run', 'collect'), [
      'Observed True Succeeded',
      'Failed True MetricBound',
    ]);
  });

  it('changed when their stage ended', () => {
    const { conditions } = recordOf(COMPLETED, { timings: timingsOf('patch', 'stabilize') }).status;

    assert.deepEqual(
      conditions.map(({ lastTransitionTime }) => lastTransitionTime),
      ['2026-01-01T10:00:01.000Z', '2026-01-01T10:00:02.000Z', '2026-01-01T10:00:02.000Z'],
    );
  });
});
