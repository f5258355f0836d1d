import assert from 'node:assert/strict';
import type { SlotState } from '../../../../runner/progress/board/board-state.ts';
import type { RunEvent } from '../../../../runner/progress/events.ts';
import {
  BEGIN,
  boardAfter,
  experimentStarted,
  FAILED,
  runStarted,
  slotsTaken,
  stageFinished,
  stageStarted,
  trialFinished,
  trialStarted,
  waiting,
} from '../../../support/board-events.ts';

const STARTED: [number, RunEvent][] = [
  [0, slotsTaken('shop-1', 'shop-2')],
  [0, experimentStarted()],
];

function slotAfter(...events: [number, RunEvent][]): SlotState {
  return boardAfter(...STARTED, ...events).slots[0]!;
}

function experimentAfter(...events: [number, RunEvent][]) {
  return boardAfter(...STARTED, ...events).experiments[0]!;
}

describe('the board after an event', () => {
  describe('shows a slot', () => {
    it('as idle once it is taken', () => {
      assert.deepEqual(slotAfter(), { slot: 'shop-1', since: BEGIN, status: 'Idle' });
    });

    it('with what it waits for, since it became idle', () => {
      const slot = slotAfter([5, { type: 'slot-waiting', slot: 'shop-1', message: 'the baseline of sizing is under way' }]);

      assert.deepEqual(slot, { slot: 'shop-1', since: BEGIN, status: 'Idle', waitsFor: 'the baseline of sizing is under way' });
    });

    it('with its trial, the stage and what that waits for, since the stage began', () => {
      const slot = slotAfter([1, trialStarted()], [2, stageStarted('run')], [4, waiting('pod sizing-001-x is Pending')]);

      assert.deepEqual(slot, {
        slot: 'shop-1',
        since: BEGIN + 2000,
        status: 'Trial',
        trial: 'sizing-001',
        experiment: 'sizing',
        source: 'grid',
        stage: 'run',
        startedAt: BEGIN + 1000,
        isDecided: false,
        waitsFor: 'pod sizing-001-x is Pending',
      });
    });

    it('as waiting for nothing once the stage has ended', () => {
      const slot = slotAfter([1, trialStarted()], [2, stageStarted('run')], [4, waiting('a pod')], [5, stageFinished('run', 3)]);

      assert.ok(slot.status === 'Trial' && slot.waitsFor === undefined && slot.stage === 'run');
    });

    it('with its trial until the teardown has ended, then as idle', () => {
      const decided: [number, RunEvent][] = [
        [1, trialStarted()],
        [9, trialFinished()],
        [9, stageStarted('setup-delete')],
      ];

      const during = slotAfter(...decided);
      const after = slotAfter(...decided, [12, stageFinished('setup-delete', 3)]);

      assert.ok(during.status === 'Trial' && during.isDecided && during.stage === 'setup-delete');
      assert.deepEqual(after, { slot: 'shop-1', since: BEGIN + 12_000, status: 'Idle' });
    });

    it('with a teardown that an earlier run could not finish', () => {
      const slot = slotAfter([1, stageStarted('setup-delete', 7)]);

      assert.ok(slot.status === 'Trial' && slot.trial === 'sizing-007' && slot.experiment === undefined && slot.isDecided);
    });

    it('as quarantined to the end, and else as done', () => {
      const quarantined: [number, RunEvent] = [3, { type: 'slot-quarantined', slot: 'shop-1', reason: 'SetupJobFailed', message: 'no' }];
      const finished: [number, RunEvent] = [4, { type: 'slot-finished', slot: 'shop-1' }];

      assert.deepEqual(slotAfter(quarantined, finished), {
        slot: 'shop-1',
        since: BEGIN + 3000,
        status: 'Quarantined',
        reason: 'SetupJobFailed',
        message: 'no',
      });
      assert.deepEqual(slotAfter(finished), { slot: 'shop-1', since: BEGIN + 4000, status: 'Done' });
    });
  });

  describe('counts trials', () => {
    it('that completed, with what they took', () => {
      const { trials, failed, left, durations } = experimentAfter([0, trialStarted()], [60, trialFinished()]);

      assert.deepEqual({ trials, failed, left, durations }, { trials: 1, failed: 0, left: 3, durations: [60_000] });
    });

    it('that failed, whose duration says nothing', () => {
      const { trials, failed, left, durations } = experimentAfter([0, trialStarted()], [60, trialFinished(1, 'shop-1', FAILED)]);

      assert.deepEqual({ trials, failed, left, durations }, { trials: 1, failed: 1, left: 3, durations: [] });
    });

    it('but not those that the infrastructure failed', () => {
      const end = trialFinished(1, 'shop-1', { ...FAILED, infrastructure: true });

      const { trials, failed, left } = experimentAfter([0, trialStarted()], [60, end]);

      assert.deepEqual({ trials, failed, left }, { trials: 0, failed: 0, left: 4 });
    });

    it('of an experiment that has ended as none left', () => {
      const { left } = experimentAfter([9, { type: 'experiment-finished', experiment: 'sizing', reason: 'TooManyFailures', message: '' }]);

      assert.equal(left, 0);
    });

    it('that the run may still begin, which those of earlier runs do not lessen', () => {
      const state = boardAfter(
        [0, runStarted({ maxTrials: 3 })],
        ...STARTED,
        [1, trialStarted(1, 'shop-1', { recovered: true })],
        [1, trialStarted(2, 'shop-2')],
      );

      assert.equal(state.mayBegin, 2);
    });
  });

  describe('knows the best', () => {
    const metrics = [
      { name: 'p95', minimize: true, optimize: true, max: 0.3 },
      { name: 'rate', minimize: false, optimize: true },
      { name: 'errors', minimize: true, optimize: false },
    ];
    const bestAfter = (...values: Record<string, number>[]) =>
      boardAfter(
        [0, slotsTaken('shop-1')],
        [0, experimentStarted({ metrics, best: [{ metric: 'p95', trial: 'sizing-000', value: 0.25 }] })],
        ...values.map((each, index): [number, RunEvent] => [index, trialFinished(index + 1, 'shop-1', { values: each })]),
      ).experiments[0]!.best;

    it('of each optimized metric, from this run or an earlier one', () => {
      assert.deepEqual(bestAfter({ p95: 0.28, rate: 90, errors: 0 }, { p95: 0.29, rate: 95, errors: 0 }), [
        { metric: 'p95', trial: 'sizing-000', value: 0.25 },
        { metric: 'rate', trial: 'sizing-002', value: 95 },
      ]);
    });

    it('as the first of equals', () => {
      assert.equal(bestAfter({ p95: 0.2 }, { p95: 0.2 })[0]?.trial, 'sizing-001');
    });

    it('and takes none of a trial outside its bounds', () => {
      assert.deepEqual(bestAfter({ p95: 0.4, rate: 900 }), [{ metric: 'p95', trial: 'sizing-000', value: 0.25 }]);
    });

    it('beside what the baseline measured', () => {
      const { baseline } = experimentAfter(
        [0, trialStarted(1, 'shop-1', { source: 'baseline' })],
        [9, trialFinished(1, 'shop-1', { values: { p95: 0.28 } })],
      );

      assert.deepEqual(baseline, { p95: 0.28 });
    });
  });
});
