import assert from 'node:assert/strict';
import { timeLeft, trialsInAll } from '../../../../runner/progress/board/time-left.ts';
import type { RunEvent } from '../../../../runner/progress/events.ts';
import {
  BEGIN,
  boardAfter,
  experimentStarted,
  runStarted,
  slotsTaken,
  stageFinished,
  stageStarted,
  trialFinished,
  trialStarted,
} from '../../../support/board-events.ts';

const TWO_SLOTS: [number, RunEvent] = [0, slotsTaken('shop-1', 'shop-2')];

/** Seconds left, at so many seconds after the beginning. */
function leftAt(now: number, ...events: [number, RunEvent][]): [string, number] | undefined {
  const left = timeLeft(boardAfter(...events), BEGIN + now * 1000);
  return left && [left.is, left.milliseconds / 1000];
}

describe('time left', () => {
  it('is unknown before any trial has completed', () => {
    assert.equal(leftAt(5, TWO_SLOTS, [0, experimentStarted()], [0, trialStarted()]), undefined);
  });

  it('is what earlier trials took, times those left, over those that run at once', () => {
    assert.deepEqual(leftAt(0, TWO_SLOTS, [0, experimentStarted({ left: 4, seconds: 60 })]), ['About', 120]);
  });

  it('goes down while trials run', () => {
    const running: [number, RunEvent][] = [
      [0, trialStarted(1, 'shop-1')],
      [0, trialStarted(2, 'shop-2')],
    ];

    assert.deepEqual(leftAt(15, TWO_SLOTS, [0, experimentStarted({ left: 4, seconds: 60 })], ...running), ['About', 105]);
  });

  it('does not go below what the next trial takes while one that waits has not begun', () => {
    const late: [number, RunEvent] = [0, trialStarted()];

    assert.deepEqual(leftAt(500, TWO_SLOTS, [0, experimentStarted({ left: 2, seconds: 60 })], late), ['About', 60]);
  });

  it('is unknown when what runs takes longer than usual', () => {
    assert.equal(leftAt(61, TWO_SLOTS, [0, experimentStarted({ left: 1, seconds: 60 })], [0, trialStarted()]), undefined);
  });

  it('goes by what trials of this run take once there are any, with their teardown', () => {
    const trial: [number, RunEvent][] = [
      [0, trialStarted()],
      [30, trialFinished(1, 'shop-1', { seconds: 30 })],
      [30, stageStarted('setup-delete')],
      [40, stageFinished('setup-delete', 10)],
    ];

    assert.deepEqual(leftAt(40, TWO_SLOTS, [0, experimentStarted({ left: 5, seconds: 600 })], ...trial), ['About', 80]);
  });

  it('adds up what experiments have left where they share the slots', () => {
    const one = experimentStarted({ left: 2, seconds: 60 });
    const other = experimentStarted({ experiment: 'gc', left: 4, seconds: 30 });

    assert.deepEqual(leftAt(0, TWO_SLOTS, [0, one], [0, other]), ['About', 120]);
  });

  it('counts only trials that the run may begin', () => {
    const events: [number, RunEvent][] = [[0, runStarted({ maxTrials: 2 })], TWO_SLOTS, [0, experimentStarted({ left: 40, seconds: 60 })]];

    assert.deepEqual(leftAt(0, ...events), ['About', 60]);
    assert.equal(trialsInAll(boardAfter(...events)), 2);
  });

  it('is at most what the run may take', () => {
    const limited = runStarted({ endBefore: '2026-01-01T10:01:30Z' });

    assert.deepEqual(leftAt(30, [0, limited], TWO_SLOTS, [0, experimentStarted({ left: 40, seconds: 60 })]), ['AtMost', 60]);
    assert.deepEqual(leftAt(30, [0, limited], TWO_SLOTS, [0, experimentStarted({ left: 40 })]), ['AtMost', 60]);
  });
});
