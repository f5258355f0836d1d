import type { Assignment, Parameter } from '../model/experiment.ts';

/** One text per point of the parameter space, whatever the order of its assignments; `1` and `"1"` differ. */
export function pointOf(assignments: readonly Assignment[]): string {
  const pairs = assignments.map(({ name, value }) => [name, value] as const);
  return JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
}

/** Today's settings; undefined unless every parameter has a baseline. */
export function baselineOf(parameters: readonly Parameter[]): Assignment[] | undefined {
  const assignments: Assignment[] = [];
  for (const { name, baseline } of parameters) {
    if (baseline === undefined) return undefined;
    assignments.push({ name, value: baseline });
  }
  return assignments.length === 0 ? undefined : assignments;
}
