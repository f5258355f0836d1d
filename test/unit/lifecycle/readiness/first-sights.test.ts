import assert from 'node:assert/strict';
import { firstSights } from '../../../../runner/lifecycle/readiness/first-sights.ts';
import { manualClock } from '../../../support/manual-clock.ts';

describe('how long something has been seen', () => {
  it('counts from its first sight, for each by itself', async () => {
    const clock = manualClock();
    const seenFor = firstSights(clock);

    assert.equal(seenFor('held'), 0);
    await clock.advance(40_000);
    assert.equal(seenFor('unschedulable'), 0);
    await clock.advance(20_000);

    assert.deepEqual([seenFor('held'), seenFor('unschedulable')], [60_000, 20_000]);
  });
});
