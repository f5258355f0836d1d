import assert from 'node:assert/strict';

import type { RunEvent } from '../../../runner/progress/events.ts';
import { plainLines } from '../../../runner/progress/plain-lines.ts';

const trial = { trial: 'sizing-007', slot: 'shop-1' };
const waiting = (message: string): RunEvent => ({ type: 'waiting', ...trial, stage: 'stabilize', message });

function linesOf(...events: RunEvent[]): string[] {
  const lines: string[] = [];
  const emit = plainLines((line) => lines.push(line), { now: () => new Date('2026-01-02T03:04:05.678Z') });
  events.forEach(emit);
  return lines;
}

describe('plainLines', () => {
  it('begins a line with the time, the slot and the trial', () => {
    assert.deepEqual(linesOf({ type: 'stage-finished', ...trial, stage: 'patch', seconds: 75 }), [
      '03:04:05 [shop-1 sizing-007] patch done in 1m15s',
    ]);
  });

  const lines: [RunEvent, string][] = [
    [
      {
        type: 'run-started',
        run: 'r1',
        version: '0.1.0',
        repository: 'https://git.example/repo',
        commit: '0123456789abcdef',
        experiments: ['sizing', 'gc'],
        slots: [],
      },
      'run r1 begins (fieldtrial 0.1.0): https://git.example/repo at 0123456789ab, experiments sizing, gc, slots none',
    ],
    [{ type: 'notice', level: 'warning', message: 'slow' }, 'warning: slow'],
    [{ type: 'notice', level: 'info', message: 'fetched', experiment: 'sizing' }, '[sizing] fetched'],
    [{ type: 'slot-skipped', slot: 'shop-1', reason: 'Forbidden', message: 'no' }, '[shop-1] slot is left out: Forbidden: no'],
    [
      {
        type: 'trial-started',
        ...trial,
        experiment: 'sizing',
        source: 'baseline',
        assignments: { cpu: 100, gc: 'g1' },
        recovered: false,
      },
      '[shop-1 sizing-007] trial begins (baseline): cpu=100, gc=g1',
    ],
    [
      { type: 'stage-failed', ...trial, stage: 'run', reason: 'OOMKilled', message: 'exit code 137', seconds: 0.25 },
      '[shop-1 sizing-007] run failed after 250ms: OOMKilled: exit code 137',
    ],
    [
      { type: 'trial-finished', ...trial, experiment: 'sizing', phase: 'Completed', values: { p95: 0.2 }, seconds: 60 },
      '[shop-1 sizing-007] trial Completed in 1m: p95=0.2',
    ],
    [
      {
        type: 'trial-finished',
        ...trial,
        experiment: 'sizing',
        phase: 'Failed',
        reason: 'OOMKilled',
        values: {},
        seconds: 60,
      },
      '[shop-1 sizing-007] trial Failed (OOMKilled) in 1m',
    ],
    [
      { type: 'run-finished', run: 'r1', exitCode: 0, trials: 3, failed: 1, seconds: 3600 },
      'run r1 ends after 1h: 3 trials, 1 failed, exit code 0',
    ],
  ];
  for (const [event, line] of lines) {
    it(`writes ${event.type} as "${line}"`, () => {
      assert.deepEqual(linesOf(event), [`03:04:05 ${line}`]);
    });
  }

  it('tells what a trial waits for only when it changes', () => {
    const lines = linesOf(waiting('Available 0/2'), waiting('Available 0/2'), waiting('Available 1/2'), waiting('Available 0/2'));

    assert.equal(lines.length, 3);
  });

  it('keeps the waits of two trials apart', () => {
    const other: RunEvent = {
      type: 'waiting',
      trial: 'sizing-008',
      slot: 'shop-2',
      stage: 'stabilize',
      message: 'Available 0/2',
    };

    assert.equal(linesOf(waiting('Available 0/2'), other, waiting('Available 0/2')).length, 2);
  });

  it('tells again what a later stage waits for', () => {
    const next: RunEvent = { type: 'stage-started', ...trial, stage: 'run' };

    assert.equal(linesOf(waiting('no pod'), next, waiting('no pod')).length, 3);
  });

  it('keeps a message of several lines on one', () => {
    const [line, ...rest] = linesOf({ type: 'notice', level: 'warning', message: 'remote:\r\n  protected branch\n' });

    assert.equal(line, '03:04:05 warning: remote: protected branch');
    assert.deepEqual(rest, []);
  });
});
