import type { CheckedExperiment } from './check-definitions.ts';
import type { Clock } from './clock.ts';
import { compareDefinition } from './compare-definition.ts';
import type { Checkout } from './ledger/checkout.ts';
import { PreflightFailed } from './model/errors.ts';
import type { Stop } from './plan/plan-next.ts';
import type { Emit } from './progress/events.ts';
import { readDefinitions } from './read-definitions.ts';
import { unlessAborted } from './unless-aborted.ts';

/**
 * Asks what the branch now says: by name, why experiments may begin nothing more. What was found once stays. Rejects with the signal's
 * reason; the look itself goes on for the others who wait for it.
 */
export type DefinitionChanges = (signal: AbortSignal) => Promise<ReadonlyMap<string, Stop>>;

/** Short trials must not have the git server asked before each of them. Milliseconds. */
const INTERVAL = 5_000;
const INTERVAL_AFTER_FAILURE = 60_000;

/** A git server that is silent must not hold up trials that have nothing to do with it. */
const PATIENCE = 15_000;

/**
 * Looks at the definitions' branch again, at most once in five seconds however many slots ask. A branch that cannot be looked at stops
 * nothing: it is told as a warning, and asked again after a minute. `signal` is the run's, which ends a look under way.
 */
export function followDefinitions(
  experiments: readonly CheckedExperiment[],
  { checkout, image, clock, emit }: { checkout: Pick<Checkout, 'commit' | 'refresh'>; image: string; clock: Clock; emit: Emit },
  signal: AbortSignal,
): DefinitionChanges {
  const stops = new Map<string, Stop>();
  let known = checkout.commit;
  let nextLook = clock.now().getTime() + INTERVAL;
  let look: Promise<void> | undefined;

  const lookAgain = async () => {
    const patience = AbortSignal.timeout(PATIENCE);
    try {
      const { commit, files } = await checkout.refresh(AbortSignal.any([signal, patience]));
      nextLook = clock.now().getTime() + INTERVAL;
      if (commit === known) return;
      const definitions = await readDefinitions(files, image);
      for (const each of experiments) {
        const stop = compareDefinition(each, definitions, commit);
        if (stop !== undefined && !stops.has(each.experiment.name)) stops.set(each.experiment.name, stop);
      }
      // Only now: files that could not be read are asked for again by the next look.
      known = commit;
    } catch (error) {
      signal.throwIfAborted();
      if (!patience.aborted && !(error instanceof PreflightFailed)) throw error;
      nextLook = clock.now().getTime() + INTERVAL_AFTER_FAILURE;
      const why = patience.aborted ? `no answer within ${PATIENCE / 1000} s` : (error as Error).message;
      const message = `changes of the definitions cannot be seen, so trials go on as of ${known.slice(0, 12)}: ${why}`;
      emit({ type: 'notice', level: 'warning', message });
    }
  };

  return async (caller) => {
    caller.throwIfAborted();
    if (look === undefined && clock.now().getTime() >= nextLook) {
      look = lookAgain().finally(() => {
        look = undefined;
      });
      // Told to those who wait; there may be nobody left who does.
      look.catch(() => undefined);
    }
    if (look !== undefined) await unlessAborted(look, caller);
    return stops;
  };
}
