import assert from 'node:assert/strict';

import type { StageTiming } from '../../../runner/model/record.ts';
import { expectedDuration, fitsInTime, trialDuration } from '../../../runner/plan/expected-duration.ts';
import { aRecord } from '../../support/builders.ts';

const MINUTE = 60_000;
const timeouts = {
  setup: MINUTE,
  setupDelete: 2 * MINUTE,
  stabilize: 3 * MINUTE,
  run: 4 * MINUTE,
  collect: 5 * MINUTE,
};

function lasting(minutes: number): StageTiming[] {
  const at = (milliseconds: number) => new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString();
  return [
    { stage: 'patch', startedAt: at(0), finishedAt: at(1000) },
    { stage: 'run', startedAt: at(1000), finishedAt: at(minutes * MINUTE) },
  ];
}

const trials = (...minutes: number[]) => minutes.map((each, at) => aRecord({ number: at + 1, stages: lasting(each) }));

describe('expectedDuration', () => {
  it('is the median of completed trials', () => {
    assert.equal(expectedDuration(trials(30, 1, 2), timeouts), 2 * MINUTE);
  });

  it('is between the two middle ones of an even number', () => {
    assert.equal(expectedDuration(trials(30, 1, 2, 4), timeouts), 3 * MINUTE);
  });

  it('is the sum of the timeouts when nothing completed', () => {
    const failed = aRecord({ stages: lasting(1), failure: {} });

    assert.equal(expectedDuration([failed], timeouts), 15 * MINUTE);
  });
});

describe('trialDuration', () => {
  it('is undefined without stages', () => {
    assert.equal(trialDuration(aRecord()), undefined);
  });
});

describe('fitsInTime', () => {
  it('lets a trial end exactly at the deadline', () => {
    assert.equal(fitsInTime(1000, 3000, 2000), true);
    assert.equal(fitsInTime(1000, 3000, 2001), false);
  });

  it('always fits without a deadline', () => {
    assert.equal(fitsInTime(1000, undefined, Infinity), true);
  });
});
