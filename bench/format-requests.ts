import type { IdleScore } from './measure-idle.ts';
import type { LoadScore } from './measure-trials.ts';

/** What is asked of the API server, by verb and resource: per trial of each kind, and per second and slot while a Job runs. */
export function formatRequests(loads: readonly LoadScore[], idle: IdleScore): string {
  const columns = [
    ...loads.map(({ load, runner }) => ({ title: `${load.kind}, ${load.slots} slots`, counts: runner.requestsByVerb, digits: 1 })),
    { title: 'idle, per second', counts: idle.requestsByVerb, digits: 2 },
  ];
  const requests = [...new Set(columns.flatMap(({ counts }) => Object.keys(counts)))].toSorted();
  const cell = (counts: Record<string, number>, request: string, digits: number) => counts[request]?.toFixed(digits) ?? '';
  const rows = requests.map((request) => [request, ...columns.map(({ counts, digits }) => cell(counts, request, digits))]);
  const table = [['request', ...columns.map(({ title }) => title)], ['---', ...columns.map(() => '--:')], ...rows];
  return table.map((row) => `| ${row.join(' | ')} |\n`).join('');
}
