import assert from 'node:assert/strict';

import { workQueue } from '../../../../sandbox/controllers/work-queue.ts';
import { turnedClock } from '../../../../sandbox/turned-clock.ts';

describe('workQueue', () => {
  it('hands out a key once, however often it was added', async () => {
    const clock = turnedClock();
    const handed: string[] = [];
    const queue = workQueue(clock, (key) => handed.push(key));

    for (const key of ['a', 'b', 'a']) queue.add(key);
    await clock.advance(0);

    assert.deepEqual(handed, ['a', 'b']);
  });

  it('hands out nothing inside of the call that adds', () => {
    const handed: string[] = [];
    const queue = workQueue(turnedClock(), (key) => handed.push(key));

    queue.add('a');

    assert.deepEqual(handed, []);
  });

  it('hands out a key again that was added while it was worked on', async () => {
    const clock = turnedClock();
    const handed: string[] = [];
    const queue = workQueue(clock, (key) => {
      handed.push(key);
      if (handed.length === 1) queue.add(key);
    });

    queue.add('a');
    await clock.advance(0);

    assert.deepEqual(handed, ['a', 'a']);
  });

  it('hands a key out later, at the earliest of the times that were asked for', async () => {
    const clock = turnedClock();
    const start = clock.now().getTime();
    const handed: number[] = [];
    const queue = workQueue(clock, () => handed.push(clock.now().getTime() - start));

    for (const milliseconds of [500, 200, 900]) queue.addAfter('a', milliseconds);
    await clock.advance(1000);

    assert.deepEqual(handed, [200]);
  });

  it('hands out nothing once it is stopped', async () => {
    const clock = turnedClock();
    const handed: string[] = [];
    const queue = workQueue(clock, (key) => handed.push(key));

    queue.add('a');
    queue.addAfter('b', 100);
    queue.stop();
    await clock.advance(200);

    assert.deepEqual(handed, []);
  });
});
