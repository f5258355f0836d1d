import type { Clock } from './clock.ts';

/** One try that did not succeed, with what the next decision needs to know. */
export type Failure = {
  /** `status` is the HTTP code, 0 when there was no answer. */
  error: Error & { status: number; reason: string };
  /** Milliseconds that the server asked to wait; 0 when it asked for nothing. */
  retryAfter: number;
  /** The request may have been carried out all the same: its answer was lost. */
  uncertain: boolean;
  /** Time alone does not heal it: a certificate that is not trusted, for example. */
  permanent: boolean;
};

export type Attempt<Value> = { status: 'done'; value: Value } | ({ status: 'failed' } & Failure);

/** Which failures one kind of request may repeat. */
export type RetryPolicy = {
  tries: number;
  /** Also when it may have been carried out already. */
  uncertain: boolean;
  /** Also after 500, which a mistake in the request can cause as well. */
  serverError: boolean;
  /** Also after 409 Conflict: the server merges into whatever the object is by then. */
  conflict: boolean;
};

export const RETRY = {
  read: { tries: Infinity, uncertain: true, serverError: true, conflict: false },
  write: { tries: Infinity, uncertain: true, serverError: false, conflict: false },
  /** A PUT at the version that is known: a second one changes nothing, and what it answers tells whether the first one did. */
  replace: { tries: Infinity, uncertain: true, serverError: true, conflict: false },
  /** A create with `generateName` would create a second object. */
  once: { tries: Infinity, uncertain: false, serverError: false, conflict: false },
  patch: { tries: 3, uncertain: true, serverError: true, conflict: true },
  /** A JSON Patch may append to a list: twice is not the same as once. */
  jsonPatch: { tries: 3, uncertain: false, serverError: false, conflict: true },
} as const satisfies Record<string, RetryPolicy>;

const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/**
 * Tries until it succeeds, fails for good, or `budget` milliseconds after the first failure, so that a request that took long
 * to fail is tried again at least once. Waits double from 100 ms to 5 s, with jitter, and are never shorter than the server asked for.
 * Throws the last failure's error; when `signal` aborts, its reason.
 */
export async function retry<Value>(
  attempt: () => Promise<Attempt<Value>>,
  policy: RetryPolicy,
  budget: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Value> {
  let deadline: number | undefined;
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt();
    if (outcome.status === 'done') return outcome.value;

    const now = clock.now().getTime();
    deadline ??= now + budget;
    const wait = Math.max(outcome.retryAfter, backoff(tries, FIRST_WAIT, LONGEST_WAIT));
    if (tries >= policy.tries || now + wait > deadline || !isRetryable(outcome, policy)) throw outcome.error;
    await clock.sleep(wait, signal);
  }
}

/** Exponential with jitter: between half of the whole wait and all of it, in milliseconds. `random` is in [0, 1). */
export function backoff(failures: number, first: number, longest: number, random: () => number = Math.random): number {
  const whole = Math.min(longest, first * 2 ** (failures - 1));
  return whole / 2 + (random() * whole) / 2;
}

export function isRetryable({ error, uncertain, permanent }: Failure, policy: RetryPolicy): boolean {
  if (permanent) return false;
  if (error.status === 409) return policy.conflict && error.reason === 'Conflict';
  if (error.status === 500) return policy.serverError;
  return [0, 429, 502, 503, 504].includes(error.status) && (policy.uncertain || !uncertain);
}
