import assert from 'node:assert/strict';
import { ticking } from '../../../runner/lifecycle/ticking.ts';
import { everythingWaits, manualClock } from '../../support/manual-clock.ts';

/** A source that yields what the test gives it, and knows whether it was closed. */
function aSource() {
  const given: PromiseWithResolvers<string | undefined>[] = [Promise.withResolvers()];
  const state = { closed: false };
  async function* values() {
    try {
      for (let index = 0; ; index += 1) {
        const value = await given[index]!.promise;
        if (value === undefined) return;
        yield value;
      }
    } finally {
      state.closed = true;
    }
  }
  const give = (value: string | undefined) => {
    const next = given.at(-1)!;
    given.push(Promise.withResolvers());
    next.resolve(value);
  };
  return { values: values(), give, fail: (error: Error) => given.at(-1)!.reject(error), state };
}

describe('ticking', () => {
  const { signal } = new AbortController();

  it('hands on what the source yields', async () => {
    const source = aSource();
    const beats = ticking(source.values, 5_000, manualClock(), signal);
    const first = beats.next();

    source.give('a');

    assert.deepEqual((await first).value, { type: 'change', value: 'a' });
  });

  it('ticks after every interval of silence', async () => {
    const clock = manualClock();
    const beats = ticking(aSource().values, 5_000, clock, signal);

    const first = beats.next();
    await clock.advance(5_000);
    assert.deepEqual((await first).value, { type: 'tick' });
    const second = beats.next();
    await clock.advance(5_000);
    assert.deepEqual((await second).value, { type: 'tick' });
  });

  it('loses nothing that arrives after a tick', async () => {
    const clock = manualClock();
    const source = aSource();
    const beats = ticking(source.values, 5_000, clock, signal);
    const tick = beats.next();
    await clock.advance(5_000);
    await tick;
    const next = beats.next();

    source.give('a');

    assert.deepEqual((await next).value, { type: 'change', value: 'a' });
  });

  it('ends with its source', async () => {
    const source = aSource();
    const next = ticking(source.values, 5_000, manualClock(), signal).next();

    source.give(undefined);

    assert.equal((await next).done, true);
  });

  it('fails with its source', async () => {
    const source = aSource();
    const error = new Error('forbidden');
    const next = assert.rejects(ticking(source.values, 5_000, manualClock(), signal).next(), error);

    source.fail(error);

    await next;
  });

  it("rejects with the signal's reason", async () => {
    const ending = new AbortController();
    const reason = new Error('SIGTERM');
    const next = assert.rejects(ticking(aSource().values, 5_000, manualClock(), ending.signal).next(), reason);

    ending.abort(reason);

    await next;
  });

  it('closes the source when the consumer stops', async () => {
    const source = aSource();
    source.give('a');

    const beats = ticking(source.values, 5_000, manualClock(), signal);
    await beats.next();
    await beats.return(undefined);

    await everythingWaits();
    assert.equal(source.state.closed, true);
  });
});
