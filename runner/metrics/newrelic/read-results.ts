/** What New Relic adds to results besides what was selected. */
const ADDED = new Set(['beginTimeSeconds', 'endTimeSeconds', 'facet', 'name', 'timestamp']);

/** The one number of the one result that an NRQL query gave, also where a percentile holds it; else why there is none (R§11.4). */
export function readResults(results: readonly unknown[]): { value: number } | { why: string } {
  const [result, ...others] = results;
  if (result === undefined) return { why: 'no data' };
  if (others.length > 0) return { why: `${results.length} results where one is needed; query without FACET and TIMESERIES` };
  const leaves = leavesOf(result);
  const numbers = leaves.filter((leaf) => typeof leaf === 'number');
  if (numbers.length > 1) return { why: `${numbers.length} numbers where one is needed; select one` };
  const [value] = numbers;
  if (value !== undefined) return { value };
  return { why: leaves.includes(null) ? 'no data' : 'no number in the result' };
}

function leavesOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.entries(value).flatMap(([key, inner]) => (ADDED.has(key) ? [] : leavesOf(inner)));
}
