import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { BoardState } from '../../../../runner/progress/board/board-state.ts';
import { widthOf } from '../../../../runner/progress/board/fit-text.ts';
import { colored, plain } from '../../../../runner/progress/board/paint.ts';
import { renderBoard, type BoardView } from '../../../../runner/progress/board/render-board.ts';
import type { RunEvent } from '../../../../runner/progress/events.ts';
import {
  BEGIN,
  boardAfter,
  experimentStarted,
  slotsTaken,
  stageStarted,
  trialFinished,
  trialStarted,
  waiting,
} from '../../../support/board-events.ts';

/** Two trials under way, one slot idle, one quarantined; 12 of 40 trials done. */
const BUSY = boardAfter(
  [0, slotsTaken('shop-1', 'shop-2', 'shop-3', 'shop-4')],
  [
    0,
    experimentStarted({
      trials: 12,
      failed: 1,
      left: 28,
      seconds: 120,
      baseline: { p95: 0.2625 },
      best: [{ metric: 'p95', trial: 'sizing-007', value: 0.231 }],
    }),
  ],
  [0, { type: 'slot-waiting', slot: 'shop-3', message: 'sizing has as many trials under way as it may' }],
  [0, { type: 'slot-quarantined', slot: 'shop-4', reason: 'SetupJobFailed', message: 'container seed exited with code 4' }],
  [10, trialStarted(13, 'shop-1')],
  [12, stageStarted('run', 13, 'shop-1')],
  [14, waiting('pod sizing-013-x7k2p is Running', 13, 'shop-1')],
  [40, trialStarted(14, 'shop-2')],
  [45, stageStarted('stabilize', 14, 'shop-2')],
  [46, waiting('Deployment checkout: Available 1/2', 14, 'shop-2', 'stabilize')],
);

function shown(state: BoardState, view: Partial<BoardView> = {}): string[] {
  return renderBoard(state, { now: BEGIN + 75_500, columns: 119, rows: 20, paint: plain, ...view });
}

function manySlots(count: number, ...busy: string[]): BoardState {
  const slots = Array.from({ length: count }, (_, index) => `shop-${index + 1}`);
  const started = busy.map((slot, index): [number, RunEvent] => [1, trialStarted(index + 1, slot)]);
  return boardAfter([0, slotsTaken(...slots)], [0, experimentStarted({ left: count })], ...started);
}

describe('the board on a terminal', () => {
  it('of 120 columns has one line per slot, the overall bar, and the best so far', () => {
    assert.deepEqual(shown(BUSY), [
      '',
      'shop-1  sizing-013  run            1m03s  pod sizing-013-x7k2p is Running',
      'shop-2  sizing-014  stabilize        30s  Deployment checkout: Available 1/2',
      'shop-3              idle           1m15s  sizing has as many trials under way as it may',
      'shop-4              quarantined    1m15s  SetupJobFailed: container seed exited with code 4',
      '',
      '█████████░░░░░░░░░░░░░░░░░░░░  12 of 40   2 running   1 failed   about 28m left',
      'best of sizing: p95 0.231 (-12%, #007)',
    ]);
  });

  it('of 80 columns cuts what slots wait for', () => {
    assert.deepEqual(shown(BUSY, { columns: 79 }), [
      '',
      'shop-1  sizing-013  run            1m03s  pod sizing-013-x7k2p is Running',
      'shop-2  sizing-014  stabilize        30s  Deployment checkout: Available 1/2',
      'shop-3              idle           1m15s  sizing has as many trials under way …',
      'shop-4              quarantined    1m15s  SetupJobFailed: container seed exite…',
      '',
      '██████░░░░░░░░░░░░░  12 of 40   2 running   1 failed   about 28m left',
      'best of sizing: p95 0.231 (-12%, #007)',
    ]);
  });

  it('of 40 columns leaves it out, and the words that can be done without', () => {
    assert.deepEqual(shown(BUSY, { columns: 39 }), [
      '',
      'shop-1  …zing-013  run            1m03s',
      'shop-2  …zing-014  stabilize        30s',
      'shop-3             idle           1m15s',
      'shop-4             quarantined    1m15s',
      '',
      '███░░░░░░  12 of 40  1 failed  28m left',
      'best of sizing: p95 0.231 (-12%, #007)',
    ]);
  });

  it('is never wider than the terminal, however narrow', () => {
    for (let columns = 0; columns <= 130; columns += 1) {
      const tooWide = shown(BUSY, { columns }).filter((line) => widthOf(line) > columns);

      assert.deepEqual(tooWide, [], `at ${columns} columns`);
    }
  });

  it('is never higher than the terminal, however low', () => {
    for (let rows = 0; rows <= 30; rows += 1) assert.ok(shown(BUSY, { rows }).length <= rows, `at ${rows} rows`);
  });

  it('says how many slots have no room, and shows those with trials first', () => {
    const lines = shown(manySlots(40, 'shop-3', 'shop-40'), { rows: 9 });

    assert.deepEqual(
      lines.map((line) => line.slice(0, 42).trimEnd()),
      [
        'shop-1               idle           1m15s',
        'shop-2               idle           1m15s',
        'shop-3   sizing-001  create-trial   1m14s',
        'shop-4               idle           1m15s',
        'shop-5               idle           1m15s',
        'shop-6               idle           1m15s',
        'shop-40  sizing-002  create-trial   1m14s',
        '… and 33 more: 33 idle',
        '░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 of 40',
      ],
    );
  });

  it('keeps its columns where they are while trials come and go', () => {
    const started: [number, RunEvent][] = [
      [0, slotsTaken('a', 'b')],
      [0, experimentStarted()],
    ];
    const [before, after] = [boardAfter(...started), boardAfter(...started, [1, trialStarted(1, 'a')], [2, stageStarted('run', 1, 'a')])];
    const columnsOf = (state: BoardState) => [shown(state)[1]!.search(/idle|run/), shown(state)[1]!.search(/1m\d\ds/)];

    assert.deepEqual(columnsOf(before), columnsOf(after));
  });

  it("cuts a trial's name to its number before it leaves out what is waited for", () => {
    const state = boardAfter(
      [0, slotsTaken('shop-1')],
      [0, experimentStarted({ experiment: 'a-very-long-name-of-an-experiment' })],
      [1, trialStarted(13, 'shop-1', { trial: 'a-very-long-name-of-an-experiment-013' })],
      [2, waiting('pod a-very-long-name-of-an-experiment-013-x7k2p is Running', 13)],
    );

    assert.equal(shown(state, { columns: 79 })[1], 'shop-1  …e-of-an-experiment-013  create-trial   1m14s  pod …x7k2p is Running');
  });

  it('has a line of the best for each experiment, as far as there is room', () => {
    const best = (experiment: string) =>
      experimentStarted({ experiment, best: [{ metric: 'p95', trial: `${experiment}-004`, value: 0.2 }] });
    const state = boardAfter([0, slotsTaken('a')], [0, best('one')], [0, best('two')], [0, best('three')]);

    const linesOf = (rows: number) => shown(state, { rows }).filter((line) => /^best|^…/.test(line));

    assert.deepEqual(linesOf(20), ['best of one: p95 0.2 (#004)', 'best of two: p95 0.2 (#004)', 'best of three: p95 0.2 (#004)']);
    assert.deepEqual(linesOf(8), ['best of one: p95 0.2 (#004)', '… and 2 more experiments']);
    assert.deepEqual(linesOf(4), ['best of one: p95 0.2 (#004)']);
    assert.deepEqual(linesOf(3), []);
  });

  const rest: [number, string][] = [
    [3, 'about 5s left'],
    [41, 'about 45s left'],
    [59, 'about 1m left'],
    [61, 'about 2m left'],
    [3599, 'about 1h00m left'],
  ];
  for (const [seconds, words] of rest) {
    it(`has ${words} for ${seconds} s`, () => {
      const state = boardAfter([0, slotsTaken('a')], [0, experimentStarted({ left: 1, seconds })]);

      assert.match(shown(state, { columns: 80, now: BEGIN }).at(-1)!, new RegExp(`   ${words}$`));
    });
  }

  it('is full when nothing is left, and promises no more time', () => {
    const state = boardAfter([0, slotsTaken('a')], [0, experimentStarted({ left: 1, seconds: 60 })], [60, trialFinished(1, 'a')]);

    assert.equal(shown(state, { columns: 40 }).at(-1), '██████████  1 of 1  0 running  0 failed');
  });

  it('shows nothing before slots are taken', () => {
    assert.deepEqual(shown(boardAfter([0, experimentStarted()])), []);
  });

  it('looks the same in color', () => {
    const lines = shown(BUSY, { paint: colored });

    assert.notDeepEqual(lines, shown(BUSY));
    assert.deepEqual(lines.map(stripVTControlCharacters), shown(BUSY));
  });
});
