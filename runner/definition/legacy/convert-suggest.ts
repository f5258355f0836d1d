import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { isObject } from './json.ts';
import type { Report } from './report.ts';

type Setting = { name: string; value: unknown; path: Path };

/** `budget`, `parallelism` and `burnIn` before there was `optimization` (R§1). */
const FORMER: Record<string, string> = { budget: 'experimentBudget', parallelism: 'parallelTrials', burnIn: 'burnIn' };

export const SUGGEST_FIELDS = ['replicas', 'optimization', ...Object.keys(FORMER)];

/** The ancestor's server settings: what they mean for `replicas` and `suggest`. */
export function convertSuggest(spec: JsonObject, report: Report): JsonObject {
  const settings = readSettings(spec);
  const find = (name: string) => settings.find((setting) => setting.name === name);
  for (const { name, path } of settings.filter((setting) => !['experimentBudget', 'parallelTrials'].includes(setting.name))) {
    report.notices.push({ path, message: `${name} was a setting of the optimization server and is left out` });
  }
  return { ...convertReplicas(spec.replicas, find('parallelTrials'), report), ...convertBudget(find('experimentBudget'), report) };
}

function readSettings(spec: JsonObject): Setting[] {
  const former = Object.entries(FORMER).flatMap(([field, name]) =>
    spec[field] === undefined ? [] : [{ name, value: spec[field], path: ['spec', field] }],
  );
  const { optimization } = spec;
  if (Array.isArray(optimization)) {
    const listed = optimization.flatMap((item: unknown, index) =>
      isObject(item) && typeof item.name === 'string'
        ? [{ name: item.name, value: item.value, path: ['spec', 'optimization', index] }]
        : [],
    );
    return [...listed, ...former];
  }
  if (!isObject(optimization)) return former;
  return [...Object.entries(optimization).map(([name, value]) => ({ name, value, path: ['spec', 'optimization', name] })), ...former];
}

/** The server lowered the replicas to its parallel trials (R§A.2). */
function convertReplicas(replicas: unknown, parallel: Setting | undefined, report: Report): JsonObject {
  const most = wholeNumber(parallel?.value);
  if (parallel !== undefined && most === undefined) refuse(parallel, report);
  const wanted = replicas ?? 1;
  if (most === undefined || most === 0 || typeof wanted !== 'number' || wanted <= most) return replicas === undefined ? {} : { replicas };
  report.moves.push({ to: ['spec', 'replicas'], from: parallel!.path });
  return { replicas: most };
}

function convertBudget(setting: Setting | undefined, report: Report): JsonObject {
  if (setting === undefined) {
    report.notices.push({
      path: ['spec'],
      message:
        'no experimentBudget, so nothing is suggested: `fieldtrial suggest` queues single trials, and spec.suggest such as {source: random, budget: 40} tries points by itself, or {source: remote} those of an Experiments API',
    });
    return {};
  }
  const budget = wholeNumber(setting.value);
  if (budget === undefined || budget === 0) {
    refuse(setting, report);
    return {};
  }
  report.moves.push({ to: ['spec', 'suggest'], from: setting.path });
  report.notices.push({
    path: setting.path,
    message: `the optimization server chose the points of ${budget} trials; instead they are spread evenly over the parameters: suggest: {source: random, budget: ${budget}}, or {source: remote} where such a server is`,
  });
  return { suggest: { source: 'random', budget } };
}

function refuse({ name, value, path }: Setting, report: Report): void {
  report.findings.push({ path, message: `${name} is ${JSON.stringify(value)}; expected a whole number above 0` });
}

/** Values of `optimization` are texts. */
function wholeNumber(value: unknown): number | undefined {
  return /^\d+$/.test(String(value)) ? Number(value) : undefined;
}
