import assert from 'node:assert/strict';

import type { Experiment } from '../../../runner/model/experiment.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { checkAssignments } from '../../../runner/model/parameter-space.ts';
import { planNext, type NextTrial, type Plan, type PlanInput } from '../../../runner/plan/plan-next.ts';
import { pointOf } from '../../../runner/plan/point.ts';
import { anExperiment, anInteger, aRecord, assignmentsOf } from '../../support/builders.ts';

const withBaseline = (fields: Partial<Experiment> = {}) => anExperiment({ parameters: [anInteger('cpu', { baseline: 50 })], ...fields });
const baselineRecord = (fields: Parameters<typeof aRecord>[0] = {}) =>
  aRecord({ number: 1, assignments: { cpu: 50 }, source: { type: 'baseline' }, ...fields });
const queued = (cpu: number, name = 'a', blob = `blob-${name}`) => ({
  path: `experiments/sizing/suggestions/${name}.yaml`,
  blob,
  assignments: assignmentsOf({ cpu }),
});
const fromQueue = ({ path, blob }: { path: string; blob: string }) => ({ type: 'queue', path, blob }) as const;
const manual = { source: 'manual' } as const;
const infrastructure = { failure: { reason: 'Evicted', infrastructure: true } };

function plan(input: Partial<PlanInput> = {}): Plan {
  return planNext({
    experiment: anExperiment(),
    digest: 'digest',
    queue: [],
    records: [],
    pending: [],
    run: 'this-run',
    ...input,
  });
}

function next(input: Partial<PlanInput>): NextTrial {
  const planned = plan(input);
  assert.ok('next' in planned, `expected a trial, got ${JSON.stringify(planned)}`);
  return planned.next;
}

function stopReason(input: Partial<PlanInput>): string {
  const planned = plan(input);
  assert.ok('stop' in planned, `expected a stop, got ${JSON.stringify(planned)}`);
  return planned.stop.reason;
}

const pendingOf = ({ number, assignments, source }: NextTrial) => ({ number, assignments, source });

describe('planNext', () => {
  describe('numbers', () => {
    it('begins with number 1', () => {
      assert.equal(next({}).number, 1);
    });

    it('continues after the highest number of records and pending trials, over all generations', () => {
      const records = [aRecord({ number: 7, digest: 'older' }), aRecord({ number: 3 })];
      const pending = [{ number: 9, assignments: assignmentsOf({ cpu: 9 }), source: { type: 'random', index: 5 } as const }];

      assert.equal(next({ records, pending }).number, 10);
      assert.equal(next({ records }).number, 8);
    });
  });

  describe('baseline', () => {
    it('runs first when every parameter has one', () => {
      const { source, assignments } = next({ experiment: withBaseline() });

      assert.deepEqual(source, { type: 'baseline' });
      assert.deepEqual(assignments, assignmentsOf({ cpu: 50 }));
    });

    it('does not exist when a parameter has none', () => {
      const experiment = anExperiment({ parameters: [anInteger('cpu', { baseline: 50 }), anInteger('memory')] });

      assert.equal(next({ experiment }).source.type, 'random');
    });

    it('runs alone', () => {
      const experiment = withBaseline({ replicas: 4 });
      const pending = [pendingOf(next({ experiment }))];

      assert.deepEqual(plan({ experiment, pending, queue: [queued(3)] }), { wait: 'BaselineRunning' });
    });

    it('comes before queued files', () => {
      assert.equal(next({ experiment: withBaseline(), queue: [queued(3)] }).source.type, 'baseline');
    });

    it('gives way to the source once it completed', () => {
      assert.equal(next({ experiment: withBaseline(), records: [baselineRecord()] }).source.type, 'random');
    });

    it('stops the experiment when it failed', () => {
      const records = [baselineRecord({ failure: { reason: 'OOMKilled' } })];

      assert.equal(stopReason({ experiment: withBaseline(), records }), 'BaselineFailed');
    });

    it('is retried when the infrastructure failed it', () => {
      const records = [baselineRecord(infrastructure)];

      assert.deepEqual(next({ experiment: withBaseline(), records }).source, { type: 'retry', of: 1 });
    });

    it('is waited for while its retry runs', () => {
      const experiment = withBaseline();
      const records = [baselineRecord(infrastructure)];
      const pending = [pendingOf(next({ experiment, records }))];

      assert.deepEqual(plan({ experiment, records, pending }), { wait: 'BaselineRunning' });
    });

    it('completes by its retry', () => {
      const retry = aRecord({ number: 2, assignments: { cpu: 50 }, source: { type: 'retry', of: 1 } });

      assert.equal(next({ experiment: withBaseline(), records: [baselineRecord(infrastructure), retry] }).source.type, 'random');
    });

    it('runs again in a new generation', () => {
      const records = [baselineRecord({ digest: 'older' })];

      assert.equal(next({ experiment: withBaseline(), records }).source.type, 'baseline');
    });

    it('runs again when its values were edited', () => {
      const records = [baselineRecord({ assignments: { cpu: 40 } })];

      assert.equal(next({ experiment: withBaseline(), records }).source.type, 'baseline');
    });

    it('waits for the first queued file where there is no source', () => {
      const experiment = withBaseline({ suggest: manual });

      assert.equal(stopReason({ experiment }), 'Idle');
      assert.equal(next({ experiment, queue: [queued(3)] }).source.type, 'baseline');
    });
  });

  describe('infrastructure failures', () => {
    it('are retried with the same assignments before anything new', () => {
      const records = [aRecord({ number: 1 }), aRecord({ number: 2, assignments: { cpu: 33 }, ...infrastructure })];

      const { assignments, source } = next({ records, queue: [queued(3)] });

      assert.deepEqual(source, { type: 'retry', of: 2 });
      assert.deepEqual(assignments, assignmentsOf({ cpu: 33 }));
    });

    it('are not retried while the retry is pending', () => {
      const records = [aRecord(infrastructure)];
      const pending = [pendingOf(next({ records }))];

      assert.equal(next({ records, pending }).source.type, 'random');
    });

    it('are retried only once', () => {
      const records = [aRecord(infrastructure), aRecord({ number: 2, source: { type: 'retry', of: 1 }, ...infrastructure })];

      const { source, assignments } = next({ records });

      assert.equal(source.type, 'random');
      assert.notDeepEqual(assignments, records[0]!.spec.assignments);
    });

    it('of an older generation are left alone', () => {
      assert.equal(next({ records: [aRecord({ digest: 'older', ...infrastructure })] }).source.type, 'random');
    });

    it('do not count in the budget', () => {
      const experiment = anExperiment({ suggest: { source: 'random', budget: 1, seed: 1 } });

      assert.equal(next({ experiment, records: [aRecord(infrastructure)] }).source.type, 'retry');
    });

    it('do not count for the failure policy', () => {
      const experiment = anExperiment({ failurePolicy: { maxConsecutive: 1, maxTotal: 1 } });

      assert.ok('next' in plan({ experiment, records: [aRecord(infrastructure)] }));
    });

    const outage = (run: string, reason = 'Evicted'): TrialRecord[] =>
      [1, 2, 3, 4].map((number) => aRecord({ number, run, assignments: { cpu: number }, failure: { reason, infrastructure: true } }));

    it('end this run when there are only such failures', () => {
      assert.equal(stopReason({ records: outage('this-run') }), 'InfrastructureFailures');
    });

    it('of an earlier run do not end this one', () => {
      assert.deepEqual(next({ records: outage('earlier-run') }).source, { type: 'retry', of: 1 });
    });

    it('that a dead runner left behind do not end this run', () => {
      assert.deepEqual(next({ records: outage('this-run', 'Interrupted') }).source, { type: 'retry', of: 1 });
    });

    it('are judged only after the pending trials', () => {
      const pending = [{ number: 5, assignments: assignmentsOf({ cpu: 9 }), source: { type: 'random', index: 9 } as const }];

      assert.deepEqual(plan({ records: outage('this-run'), pending }), { wait: 'TrialsRunning' });
    });
  });

  describe('queue', () => {
    it('comes before the source', () => {
      const { source, assignments } = next({ queue: [queued(3)] });

      assert.deepEqual(source, fromQueue(queued(3)));
      assert.deepEqual(assignments, assignmentsOf({ cpu: 3 }));
    });

    it('is taken in its order, each file once', () => {
      const queue = [queued(3, 'a'), queued(4, 'b')];
      const first = next({ queue });

      const second = next({ queue, pending: [pendingOf(first)] });

      assert.deepEqual([first.source, second.source], queue.map(fromQueue));
    });

    it('is consumed by a record of this generation', () => {
      const records = [aRecord({ source: fromQueue(queued(3)) })];

      assert.equal(next({ queue: [queued(3)], records }).source.type, 'random');
    });

    it('is not consumed by a record of another generation', () => {
      const records = [aRecord({ digest: 'older', source: fromQueue(queued(3)) })];

      assert.equal(next({ queue: [queued(3)], records }).source.type, 'queue');
    });

    it('offers an edited file again', () => {
      const records = [aRecord({ source: fromQueue(queued(3)) })];

      assert.deepEqual(next({ queue: [queued(3, 'a', 'edited')], records }).source, fromQueue(queued(3, 'a', 'edited')));
    });

    it('may repeat a point', () => {
      assert.equal(next({ queue: [queued(1)], records: [aRecord({ assignments: { cpu: 1 } })] }).source.type, 'queue');
    });

    it('passes over files that the experiment cannot try', () => {
      const queue = [queued(101, 'too-high'), { ...queued(5, 'unknown'), assignments: assignmentsOf({ cpus: 5 }) }, queued(5, 'fine')];

      assert.deepEqual(next({ queue }).source, fromQueue(queued(5, 'fine')));
    });

    it('serves an experiment without a source, which is idle after it', () => {
      const experiment = anExperiment({ suggest: manual });

      assert.equal(next({ experiment, queue: [queued(3)] }).source.type, 'queue');
      assert.equal(stopReason({ experiment, queue: [queued(3)], records: [aRecord({ source: fromQueue(queued(3)) })] }), 'Idle');
    });

    it('does not exceed the budget', () => {
      const experiment = anExperiment({ suggest: { source: 'manual', budget: 1 } });

      assert.equal(stopReason({ experiment, queue: [queued(3)], records: [aRecord()] }), 'BudgetSpent');
    });
  });

  describe('budget', () => {
    const experiment = anExperiment({ suggest: { source: 'random', budget: 2, seed: 1 } });

    it('counts completed and failed trials', () => {
      assert.equal(stopReason({ experiment, records: [aRecord(), aRecord({ number: 2, failure: {} })] }), 'BudgetSpent');
    });

    it('does not count older generations', () => {
      assert.ok('next' in plan({ experiment, records: [aRecord(), aRecord({ number: 2, digest: 'older' })] }));
    });

    it('waits for pending trials that would spend it', () => {
      const records = [aRecord()];
      const pending = [pendingOf(next({ experiment, records }))];

      assert.deepEqual(plan({ experiment, records, pending }), { wait: 'TrialsRunning' });
    });
  });

  describe('failure policy', () => {
    const failed = (number: number) => aRecord({ number, assignments: { cpu: number }, failure: {} });
    const completed = (number: number) => aRecord({ number, assignments: { cpu: number } });

    it('stops after too many failures in a row, by number', () => {
      const experiment = anExperiment({ failurePolicy: { maxConsecutive: 2 } });

      assert.equal(stopReason({ experiment, records: [failed(3), completed(1), failed(2)] }), 'TooManyFailures');
      assert.ok('next' in plan({ experiment, records: [failed(3), completed(2), failed(1)] }));
    });

    it('is not interrupted by an infrastructure failure', () => {
      const experiment = anExperiment({ failurePolicy: { maxConsecutive: 2 } });

      assert.equal(
        stopReason({ experiment, records: [failed(1), aRecord({ number: 2, ...infrastructure }), failed(3)] }),
        'TooManyFailures',
      );
    });

    it('stays broken after a later success', () => {
      const experiment = anExperiment({ failurePolicy: { maxConsecutive: 2 } });

      assert.equal(stopReason({ experiment, records: [failed(1), failed(2), completed(3)] }), 'TooManyFailures');
    });

    it('stops after too many failures altogether', () => {
      const experiment = anExperiment({ failurePolicy: { maxTotal: 2 } });

      assert.equal(stopReason({ experiment, records: [failed(1), completed(2), failed(3)] }), 'TooManyFailures');
      assert.ok('next' in plan({ experiment, records: [failed(1), completed(2)] }));
    });

    it('forgets failures of older generations', () => {
      const experiment = anExperiment({ failurePolicy: { maxTotal: 1 } });

      assert.ok('next' in plan({ experiment, records: [aRecord({ digest: 'older', failure: {} })] }));
    });
  });

  describe('ends', () => {
    it('is paused with replicas 0', () => {
      assert.equal(stopReason({ experiment: anExperiment({ replicas: 0 }), queue: [queued(3)] }), 'Paused');
    });

    it("stops at the run's limit of trials", () => {
      assert.equal(stopReason({ trialsLeft: 0 }), 'MaxTrials');
      assert.ok('next' in plan({ trialsLeft: 1 }));
    });

    it('rather says that nothing is left than that the limit is reached', () => {
      assert.equal(stopReason({ experiment: anExperiment({ suggest: manual }), trialsLeft: 0 }), 'Idle');
    });

    it('stops when the source has no untried point', () => {
      const experiment = anExperiment({
        parameters: [anInteger('cpu', { min: 1, max: 2 })],
        suggest: { source: 'grid' },
      });
      const records = [aRecord({ assignments: { cpu: 1 } }), aRecord({ number: 2, assignments: { cpu: 2 } })];

      assert.equal(stopReason({ experiment, records }), 'SpaceExhausted');
    });

    it('waits with an exhausted source while a trial may still have to be retried', () => {
      const experiment = anExperiment({
        parameters: [anInteger('cpu', { min: 1, max: 2 })],
        suggest: { source: 'grid' },
      });
      const records = [aRecord({ assignments: { cpu: 1 } })];
      const pending = [pendingOf(next({ experiment, records }))];

      assert.deepEqual(plan({ experiment, records, pending }), { wait: 'TrialsRunning' });
    });
  });

  describe('with a remote API', () => {
    const remotely = (fields: Partial<Experiment> = {}) => withBaseline({ suggest: { source: 'remote' }, ...fields });
    const finished = { remoteFinished: 'the budget is exhausted' };

    it('asks it, for the baseline too', () => {
      assert.deepEqual(plan({ experiment: remotely() }), { ask: 'remote' });
      assert.deepEqual(plan({ experiment: remotely(), records: [baselineRecord()] }), { ask: 'remote' });
    });

    it('waits while the baseline runs that it handed out', () => {
      const source = { type: 'remote', url: 'https://api.test/1' } as const;
      const pending = [{ number: 1, assignments: assignmentsOf({ cpu: 50 }), source }];

      assert.deepEqual(plan({ experiment: remotely({ replicas: 4 }), pending }), { wait: 'BaselineRunning' });
    });

    it('tries queued files first, and again what the infrastructure failed, whose report goes where it would have gone', () => {
      const source = { type: 'remote', url: 'https://api.test/2' } as const;
      const evicted = aRecord({ number: 2, assignments: { cpu: 3 }, source, ...infrastructure });

      assert.equal(next({ experiment: remotely(), records: [baselineRecord()], queue: [queued(3)] }).source.type, 'queue');
      assert.deepEqual(next({ experiment: remotely(), records: [baselineRecord(), evicted] }).source, {
        type: 'retry',
        of: 2,
        url: source.url,
      });
    });

    it('ends when it hands out no more, except for queued files and their baseline', () => {
      assert.equal(stopReason({ experiment: remotely(), ...finished }), 'RemoteFinished');
      assert.equal(next({ experiment: remotely(), queue: [queued(3)], ...finished }).source.type, 'baseline');
      assert.equal(next({ experiment: remotely(), queue: [queued(3)], records: [baselineRecord()], ...finished }).source.type, 'queue');
    });

    it('keeps its own budget, and the limit of the run', () => {
      const experiment = remotely({ suggest: { source: 'remote', budget: 1 } });

      assert.equal(stopReason({ experiment, records: [baselineRecord()] }), 'BudgetSpent');
      assert.equal(stopReason({ experiment: remotely(), trialsLeft: 0 }), 'MaxTrials');
    });
  });

  for (const source of ['grid', 'random'] as const) {
    describe(`with source ${source}`, () => {
      const experiment = anExperiment({
        suggest: { source, budget: 20, seed: 7 },
        parameters: [anInteger('low', { max: 9 }), anInteger('high', { max: 9 })],
        constraints: [{ type: 'order', name: 'order', lowerParameter: 'low', upperParameter: 'high' }],
      });

      it('gives the same answer to the same question', () => {
        const records = [aRecord({ assignments: { low: 1, high: 9 } })];

        assert.deepEqual(plan({ experiment, records }), plan({ experiment, records }));
      });

      it('gives parallel slots distinct points that meet the constraints', () => {
        const pending: NextTrial[] = [];
        while (true) {
          const planned = plan({ experiment, pending });
          if (!('next' in planned)) break;
          pending.push(planned.next);
        }

        assert.ok(pending.length >= 10);
        assert.equal(new Set(pending.map(({ assignments }) => pointOf(assignments))).size, pending.length);
        for (const { assignments } of pending) {
          assert.deepEqual(checkAssignments(experiment.parameters, experiment.constraints, assignments), []);
        }
      });
    });
  }

  it('gives a random suggestion an index after every one of its generation', () => {
    const records = [
      aRecord({ source: { type: 'random', index: 4 } }),
      aRecord({ number: 2, digest: 'older', source: { type: 'random', index: 9 } }),
    ];

    assert.deepEqual(next({ records }).source, { type: 'random', index: 5 });
  });

  it('keeps a grid within the budget that the baseline leaves', () => {
    const experiment = withBaseline({ suggest: { source: 'grid', budget: 4 } });
    const records = [baselineRecord()];
    const tried: unknown[] = [];
    while (true) {
      const planned = plan({ experiment, records });
      if (!('next' in planned)) break;
      const { number, assignments, source } = planned.next;
      tried.push(assignments[0]!.value);
      records.push(aRecord({ number, source, assignments: { cpu: assignments[0]!.value } }));
    }

    assert.deepEqual(tried, [1, 51, 100]);
  });
});
