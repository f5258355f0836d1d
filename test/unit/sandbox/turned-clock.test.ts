import assert from 'node:assert/strict';

import { turnedClock } from '../../../sandbox/turned-clock.ts';

describe('turnedClock', () => {
  it('stands still until it is turned', async () => {
    const clock = turnedClock('2026-01-01T00:00:00.000Z');

    await clock.advance(1500);

    assert.equal(clock.now().toISOString(), '2026-01-01T00:00:01.500Z');
  });

  it('calls back in the order of time, each at its own time', async () => {
    const clock = turnedClock();
    const start = clock.now().getTime();
    const calls: string[] = [];
    const note = (name: string) => () => calls.push(`${name} at ${clock.now().getTime() - start}`);
    clock.after(300, note('late'));
    clock.after(100, note('first'));
    clock.after(100, note('second'));

    await clock.advance(200);

    assert.deepEqual(calls, ['first at 100', 'second at 100']);
  });

  it('calls back what was set on the way', async () => {
    const clock = turnedClock();
    const calls: string[] = [];
    clock.after(100, () => clock.after(100, () => calls.push('inner')));

    await clock.advance(200);

    assert.deepEqual(calls, ['inner']);
  });

  it('lets reactions happen before time goes on', async () => {
    const clock = turnedClock();
    const start = clock.now().getTime();
    const reactions: number[] = [];
    clock.after(100, () => queueMicrotask(() => reactions.push(clock.now().getTime() - start)));

    await clock.advance(500);

    assert.deepEqual(reactions, [100]);
  });

  it('forgets what is canceled', async () => {
    const clock = turnedClock();
    const calls: string[] = [];
    const cancel = clock.after(100, () => calls.push('canceled'));

    cancel();
    await clock.advance(200);

    assert.deepEqual(calls, []);
  });
});
