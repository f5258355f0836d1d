import type { Clock } from '../clock.ts';

/**
 * `transient`: the other side did not answer, as against: it did, and what was asked for is not there yet. `pause` (milliseconds): it
 * says that it wants to be left alone for so long.
 */
export type Look<Found> = { found: Found } | { missing: string; transient: boolean; pause?: number };

const PERIOD = 2_000;
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 15_000;

/**
 * Looks every 2 s, and with a doubling pause of 1 s to 15 s (or as long as it asks for) while nobody answers, until something is found. Throws what `look` throws,
 * or once the signal aborted `giveUp` of what was still missing.
 */
export async function lookUntilFound<Found>(
  look: () => Promise<Look<Found>>,
  giveUp: (missing: string, transient: boolean) => Error,
  { clock, waiting }: { clock: Clock; waiting: (message: string) => void },
  signal: AbortSignal,
): Promise<Found> {
  let last = { missing: 'no time was left to ask', transient: false };
  let unanswered = 0;
  while (!signal.aborted) {
    try {
      const seen = await look();
      if ('found' in seen) return seen.found;
      last = seen;
      waiting(seen.missing);
      unanswered = seen.transient ? unanswered + 1 : 0;
      const pause = seen.transient ? Math.min(FIRST_BACKOFF * 2 ** (unanswered - 1), LONGEST_BACKOFF) : PERIOD;
      await clock.sleep(Math.max(pause, seen.pause ?? 0), signal);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
    }
  }
  throw giveUp(last.missing, last.transient);
}
