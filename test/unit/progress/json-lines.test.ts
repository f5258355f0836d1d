import assert from 'node:assert/strict';

import { fanOut } from '../../../runner/progress/fan-out.ts';
import { jsonLines } from '../../../runner/progress/json-lines.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';

const now = () => new Date('2026-01-02T03:04:05.678Z');

describe('jsonLines', () => {
  it('writes one object per event: timestamp, type, then its fields', () => {
    const lines: string[] = [];

    jsonLines((line) => lines.push(line), { now })({
      type: 'slot-quarantined',
      slot: 'shop-1',
      reason: 'SetupDeleteFailed',
      message: 'two\nlines',
    });

    assert.deepEqual(lines, [
      '{"timestamp":"2026-01-02T03:04:05.678Z","type":"slot-quarantined","slot":"shop-1","reason":"SetupDeleteFailed","message":"two\\nlines"}',
    ]);
  });
});

describe('fanOut', () => {
  it('hands every event to each receiver, in order', () => {
    const received: string[] = [];
    const event: RunEvent = { type: 'notice', level: 'info', message: 'hello' };

    fanOut(
      ({ type }) => received.push(`first ${type}`),
      ({ type }) => received.push(`second ${type}`),
    )(event);

    assert.deepEqual(received, ['first notice', 'second notice']);
  });
});
