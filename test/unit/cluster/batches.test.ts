import assert from 'node:assert/strict';

import { systemClock } from '../../../runner/clock.ts';
import { batches } from '../../../runner/cluster/batches.ts';

const { signal } = new AbortController();
const MINUTE = 60_000;

describe('batches', () => {
  it('takes together what is there', async () => {
    const source = (async function* () {
      yield* [1, 2, 3];
    })();

    const taken = batches(source, MINUTE, systemClock, signal);

    assert.deepEqual(await taken.next(), { done: false, value: [1, 2, 3] });
    assert.equal((await taken.next()).done, true);
  });

  it('does not wait for what is not', async () => {
    const gate = Promise.withResolvers<void>();
    const source = (async function* () {
      yield 1;
      await gate.promise;
      yield 2;
    })();
    const taken = batches(source, MINUTE, systemClock, signal);

    const first = await taken.next();
    gate.resolve();
    const second = await taken.next();

    assert.deepEqual([first.value, second.value], [[1], [2]]);
  });

  it('gives what it has before the error that ends the source', async () => {
    const source = (async function* () {
      yield 1;
      throw new Error('broken');
    })();
    const taken = batches(source, MINUTE, systemClock, signal);

    assert.deepEqual((await taken.next()).value, [1]);
    await assert.rejects(taken.next(), { message: 'broken' });
  });

  it('gives an empty batch for every silence', async () => {
    const silences: number[] = [];
    const clock = { now: () => new Date(0), sleep: async (milliseconds: number) => void silences.push(milliseconds) };
    const taken = batches(never(), MINUTE, clock, signal);

    const values = [(await taken.next()).value, (await taken.next()).value];

    assert.deepEqual(values, [[], []]);
    assert.deepEqual(silences, [MINUTE, MINUTE]);
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();

    const next = batches(never(), MINUTE, systemClock, stop.signal).next();
    stop.abort(new Error('enough'));

    await assert.rejects(next, { message: 'enough' });
  });
});

function never(): AsyncIterable<number> {
  const { promise } = Promise.withResolvers<IteratorResult<number>>();
  return { [Symbol.asyncIterator]: () => ({ next: () => promise }) };
}
