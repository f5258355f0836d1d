import assert from 'node:assert/strict';

import type { Clock } from '../../runner/clock.ts';
import { ClusterError } from '../../runner/cluster/errors.ts';
import { backoff, isRetryable, retry, RETRY, type Attempt, type Failure } from '../../runner/retry.ts';

const { signal } = new AbortController();

describe('retry', () => {
  it('gives the first value that comes', async () => {
    const attempts = script(failed(503), failed(503), { status: 'done', value: 'here' });

    const value = await retry(attempts, RETRY.read, 30_000, timeIn(), signal);

    assert.equal(value, 'here');
  });

  it('throws the last failure', async () => {
    const attempts = script(failed(503), failed(403), { status: 'done', value: 'never' });

    await assert.rejects(retry(attempts, RETRY.read, 30_000, timeIn(), signal), { status: 403 });
  });

  it('counts the budget from the first failure, so that a slow one is tried again', async () => {
    const clock = timeIn();
    const slow = async (): Promise<Attempt<string>> => {
      clock.pass(60_000);
      return clock.now().getTime() > 60_000 ? { status: 'done', value: 'here' } : failed(0);
    };

    assert.equal(await retry(slow, RETRY.read, 30_000, clock, signal), 'here');
  });

  it('does not begin a wait that would outlast the budget', async () => {
    const clock = timeIn();
    const attempts = script(failed(429, { retryAfter: 31_000 }), { status: 'done', value: 'never' });

    await assert.rejects(retry(attempts, RETRY.read, 30_000, clock, signal), { status: 429 });

    assert.equal(clock.now().getTime(), 0);
  });

  it('stops after the tries of the policy', async () => {
    const attempts = script(failed(503), failed(503), failed(503), { status: 'done', value: 'never' });

    await assert.rejects(retry(attempts, RETRY.patch, 30_000, timeIn(), signal), { status: 503 });
  });
});

describe('isRetryable', () => {
  const cases: [what: string, failure: Attempt<never>, allowed: (keyof typeof RETRY)[]][] = [
    ['a refused connection', failed(0), ['read', 'write', 'replace', 'once', 'patch', 'jsonPatch']],
    ['an answer that was lost', failed(0, { uncertain: true }), ['read', 'write', 'replace', 'patch']],
    ['a certificate that is not trusted', failed(0, { permanent: true }), []],
    ['429', failed(429), ['read', 'write', 'replace', 'once', 'patch', 'jsonPatch']],
    ['500', failed(500, { uncertain: true }), ['read', 'replace', 'patch']],
    ['502', failed(502, { uncertain: true }), ['read', 'write', 'replace', 'patch']],
    ['503', failed(503), ['read', 'write', 'replace', 'once', 'patch', 'jsonPatch']],
    ['504', failed(504, { uncertain: true }), ['read', 'write', 'replace', 'patch']],
    ['a conflict', failed(409, { reason: 'Conflict' }), ['patch', 'jsonPatch']],
    ['a name that is taken', failed(409, { reason: 'AlreadyExists' }), []],
    ['403', failed(403), []],
    ['422', failed(422), []],
  ];
  for (const [what, failure, allowed] of cases) {
    it(`allows after ${what}: ${allowed.join(', ') || 'nothing'}`, () => {
      const kinds = Object.keys(RETRY) as (keyof typeof RETRY)[];

      assert.deepEqual(
        kinds.filter((kind) => isRetryable(failure as Failure, RETRY[kind])),
        allowed,
      );
    });
  }
});

describe('backoff', () => {
  it('doubles up to the longest wait, with jitter of at most a half', () => {
    const waits = [1, 2, 3, 10, 2_000].map((failures) => backoff(failures, 100, 1_000));

    for (const [index, whole] of [100, 200, 400, 1_000, 1_000].entries()) {
      assert.ok(waits[index]! >= whole / 2 && waits[index]! <= whole, `${waits[index]} is not within half of ${whole}`);
    }
  });
});

function failed(
  status: number,
  { reason = 'Some', ...failure }: Partial<Failure> & { reason?: string } = {},
): Extract<Attempt<never>, { status: 'failed' }> {
  return {
    status: 'failed',
    error: new ClusterError(status, reason, 'refused'),
    retryAfter: 0,
    uncertain: false,
    permanent: false,
    ...failure,
  };
}

function script(...attempts: Attempt<string>[]): () => Promise<Attempt<string>> {
  return async () => attempts.shift()!;
}

function timeIn(): Clock & { pass(milliseconds: number): void } {
  let now = 0;
  const pass = (milliseconds: number) => void (now += milliseconds);
  return { pass, now: () => new Date(now), sleep: async (milliseconds) => pass(milliseconds) };
}
