import type { FailurePolicy } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import { countedTrials } from './generation.ts';

/**
 * How the generation breaches the policy, as a sentence; undefined when it does not. Consecutive means by number,
 * anywhere in the generation: an experiment that stopped stays stopped until the policy or the definition changes.
 * Failures of the infrastructure neither count nor interrupt, and trials that are still running are passed over.
 */
export function breachedPolicy(
  { maxConsecutive = Infinity, maxTotal = Infinity }: FailurePolicy,
  generation: readonly TrialRecord[],
): string | undefined {
  let total = 0;
  let consecutive = 0;
  for (const { status } of countedTrials(generation)) {
    const failed = status.phase === 'Failed';
    total += Number(failed);
    consecutive = failed ? consecutive + 1 : 0;
    if (consecutive >= maxConsecutive) return `${consecutive} trials in a row failed (failurePolicy.maxConsecutive: ${maxConsecutive})`;
    if (total >= maxTotal) return `${total} trials failed (failurePolicy.maxTotal: ${maxTotal})`;
  }
  return undefined;
}
