import assert from 'node:assert/strict';
import { setTimeout as realTime } from 'node:timers/promises';
import { rehearsalClock, type RehearsalClock } from '../../../runner/rehearse/rehearsal-clock.ts';

describe('the clock of a rehearsal', () => {
  let clock: RehearsalClock;
  let ending: AbortController;
  let passing: Promise<void>;

  beforeEach(() => {
    clock = rehearsalClock('2026-01-01T00:00:00.000Z');
    ending = new AbortController();
    passing = clock.pass(ending.signal);
  });
  afterEach(async () => {
    ending.abort(new Error('the test is over'));
    await passing;
  });

  const never = new AbortController().signal;
  const seconds = () => (clock.now().getTime() - Date.parse('2026-01-01T00:00:00.000Z')) / 1000;

  it('jumps to the next timer while nobody works', async () => {
    await clock.sleep(24 * 3_600_000, never);

    assert.equal(seconds(), 24 * 3600);
  });

  it('calls timers back in order, each at its own time', async () => {
    const called: [string, number][] = [];
    clock.after(2000, () => called.push(['later', seconds()]));
    clock.after(1000, () => called.push(['sooner', seconds()]));

    await clock.sleep(3000, never);

    assert.deepEqual(called, [
      ['sooner', 1],
      ['later', 2],
    ]);
  });

  it('stands still during work, however long it takes', async () => {
    const slept = clock.sleep(1000, never);
    const work = Promise.withResolvers<void>();
    const worked = clock.during(() => work.promise);

    await realTime(20);
    const before = seconds();
    work.resolve();
    await Promise.all([worked, slept]);

    assert.deepEqual([before, seconds()], [0, 1]);
  });

  it('goes on while the work itself waits', async () => {
    await clock.during(() => clock.within.sleep(5000, never));

    assert.equal(seconds(), 5);
  });

  it('forgets a sleep whose signal aborts, with its reason', async () => {
    const giveUp = new AbortController();
    const work = Promise.withResolvers<void>();
    const worked = clock.during(() => work.promise);
    const slept = clock.sleep(1000, giveUp.signal);

    giveUp.abort(new Error('given up'));

    await assert.rejects(slept, /given up/);
    work.resolve();
    await worked;
    await clock.sleep(10, never);
    assert.equal(seconds(), 0.01);
  });
});
