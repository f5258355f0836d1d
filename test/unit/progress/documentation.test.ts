import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TimedEvent } from '../../support/run-fieldtrial.ts';
import { historyLine } from '../../../runner/progress/board/history-line.ts';
import { plain } from '../../../runner/progress/board/paint.ts';
import { renderBoard } from '../../../runner/progress/board/render-board.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import {
  BEGIN,
  boardAfter,
  experimentStarted,
  FAILED,
  slotsTaken,
  stageStarted,
  trialFinished,
  trialStarted,
  waiting,
} from '../../support/board-events.ts';
import { EVENT_FIELDS } from '../../support/event-fields.ts';

const page = readFileSync(new URL('../../../docs/progress.md', import.meta.url), 'utf8');

/** The fields that the page's table of an event names, `name?` where it may be absent. */
function documentedFields(section: string): Record<string, string> {
  const rows = Array.from(section.matchAll(/^\| `(\w+)(\??)` \| (?:string|number|boolean|object)(?:\[\])? \| \S/gm));
  return Object.fromEntries(rows.map(([, name = '', mark]) => [name, mark === '?' ? 'sometimes' : 'always']));
}

/** What the page's board shows. */
const BOARD = boardAfter(
  [0, slotsTaken('shop-1', 'shop-2', 'shop-3')],
  [
    0,
    experimentStarted({
      experiment: 'checkout-sizing',
      trials: 12,
      failed: 1,
      left: 28,
      seconds: 120,
      metrics: [],
      baseline: { p95: 0.2625, cost: 41.2 },
      best: [
        { metric: 'p95', trial: 'checkout-sizing-011', value: 0.231 },
        { metric: 'cost', trial: 'checkout-sizing-004', value: 39.8 },
      ],
    }),
  ],
  [0, { type: 'slot-waiting', slot: 'shop-3', message: 'checkout-sizing has as many trials under way as it may' }],
  [12, trialStarted(13, 'shop-1', { experiment: 'checkout-sizing', trial: 'checkout-sizing-013' })],
  [12, stageStarted('run', 13, 'shop-1')],
  [14, waiting('pod checkout-sizing-013-x7k2p is Running', 13, 'shop-1')],
  [40, trialStarted(14, 'shop-2', { experiment: 'checkout-sizing', trial: 'checkout-sizing-014' })],
  [45, stageStarted('stabilize', 14, 'shop-2')],
  [46, waiting('Deployment checkout: Available 1/2', 14, 'shop-2', 'stabilize')],
);

const HISTORY: RunEvent[] = [
  trialFinished(11, 'shop-1', { trial: 'checkout-sizing-011', seconds: 212, values: { p95: 0.231, cost: 41.2 } }),
  trialFinished(12, 'shop-2', {
    ...FAILED,
    trial: 'checkout-sizing-012',
    stage: 'stabilize',
    message: 'Deployment checkout: container app was killed',
    seconds: 88,
  }),
];

describe('docs/progress.md', () => {
  const sections = page.split(/^### /m).slice(1);
  const documented = Object.fromEntries(
    sections.map((section) => [/^`([a-z-]+)`\n/.exec(section)?.[1] ?? section, documentedFields(section)]),
  );

  it('shows the board as it is drawn', () => {
    const view = { now: BEGIN + 75_000, columns: 119, rows: 20, paint: plain };
    const times = ['2026-01-01T09:33:34Z', '2026-01-01T09:35:02Z'];

    const history = HISTORY.map((event, index) => historyLine(event, new Date(times[index]!), plain));
    const board = renderBoard(BOARD, view);

    assert.ok(page.includes(['```', ...history, ...board, '```', ''].join('\n')), [...history, ...board].join('\n'));
  });

  it('tells of every event with every field, and of nothing else', () => {
    assert.deepEqual(documented, EVENT_FIELDS);
  });

  it('shows lines that have the fields of their type', () => {
    const [, text = ''] = /^```json\n(.*?)^```/ms.exec(page) ?? [];
    const lines = text.trim().split('\n');

    assert.ok(lines.length > 1);
    for (const line of lines) {
      const { timestamp, type, ...fields } = JSON.parse(line) as TimedEvent;
      const known = Object.entries(documented[type] ?? {});
      const always = known.filter(([, when]) => when === 'always').map(([name]) => name);
      assert.equal(new Date(timestamp).toISOString(), timestamp);
      assert.deepEqual(
        always.filter((name) => !(name in fields)),
        [],
        line,
      );
      assert.deepEqual(
        Object.keys(fields).filter((name) => !known.some(([each]) => each === name)),
        [],
        line,
      );
    }
  });
});
