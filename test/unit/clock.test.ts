import assert from 'node:assert/strict';
import { systemClock } from '../../runner/clock.ts';

const DAY = 86_400_000;

describe('the system clock', () => {
  for (const [what, milliseconds] of [
    ['for a month', 31 * DAY],
    ['for ever', Infinity],
  ] as const) {
    it(`sleeps ${what}, longer than a timer of Node can`, async () => {
      const waking = new AbortController();
      const woken = await Promise.race([
        systemClock.sleep(milliseconds, waking.signal).then(() => what),
        systemClock.sleep(20, waking.signal).then(() => 'a moment'),
      ]);
      waking.abort();

      assert.equal(woken, 'a moment');
    });
  }

  it("ends a sleep with the signal's reason", async () => {
    const reason = new Error('SIGTERM');
    const waking = new AbortController();
    const sleeping = assert.rejects(systemClock.sleep(31 * DAY, waking.signal), reason);

    waking.abort(reason);

    await sleeping;
  });
});
