import assert from 'node:assert/strict';
import { lookUntilFound, type Look } from '../../../runner/metrics/look-until-found.ts';

const giveUp = (missing: string, transient: boolean) => new Error(`${missing}, transient: ${transient}`);

/** Answers in turn, the last one again and again; sleeping only counts. */
function looking<Found>(...looks: Look<Found>[]) {
  const pauses: number[] = [];
  const told: string[] = [];
  const clock = {
    now: () => new Date(0),
    sleep: async (milliseconds: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      pauses.push(milliseconds);
    },
  };
  const look = async () => (looks.length > 1 ? looks.shift()! : looks[0]!);
  return { pauses, told, look, deps: { clock, waiting: (message: string) => told.push(message) } };
}

describe('looking until something is found', () => {
  it('returns what was found, and tells what was missing until then', async () => {
    const { look, told, pauses, deps } = looking<string>(
      { missing: 'a', transient: false },
      { missing: 'b', transient: false },
      { found: 'it' },
    );

    const found = await lookUntilFound(look, giveUp, deps, new AbortController().signal);

    assert.equal(found, 'it');
    assert.deepEqual(told, ['a', 'b']);
    assert.deepEqual(pauses, [2000, 2000]);
  });

  it('pauses longer and longer while nobody answers, and not after an answer', async () => {
    const outage: Look<string> = { missing: 'no answer', transient: true };
    const { look, pauses, deps } = looking<string>(...Array.from({ length: 6 }, () => outage), { missing: 'a', transient: false }, outage, {
      found: 'it',
    });

    await lookUntilFound(look, giveUp, deps, new AbortController().signal);

    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 15_000, 15_000, 2000, 1000]);
  });

  it('gives up with what was still missing once the signal aborts', async () => {
    const controller = new AbortController();
    const { look, deps } = looking<string>({ missing: 'no answer', transient: true });
    const waiting = () => controller.abort(new Error('deadline'));

    await assert.rejects(lookUntilFound(look, giveUp, { ...deps, waiting }, controller.signal), {
      message: 'no answer, transient: true',
    });
  });

  it('gives up when the look itself was interrupted', async () => {
    const controller = new AbortController();
    const look = () => {
      controller.abort(new Error('deadline'));
      return Promise.reject(controller.signal.reason);
    };

    await assert.rejects(lookUntilFound(look, giveUp, looking({ found: 1 }).deps, controller.signal), {
      message: 'no time was left to ask, transient: false',
    });
  });

  it('throws what the look throws, also after the signal aborted', async () => {
    const controller = new AbortController();
    const look = () => {
      controller.abort(new Error('deadline'));
      return Promise.reject(new TypeError('a bug'));
    };

    await assert.rejects(lookUntilFound(look, giveUp, looking({ found: 1 }).deps, controller.signal), TypeError);
  });
});
