import type { TrialRecord } from '../model/record.ts';

/** A trial's measured numbers by metric. */
export function valuesOf({ status }: TrialRecord): Record<string, number> {
  return Object.fromEntries(status.values.map(({ name, value }) => [name, value]));
}
