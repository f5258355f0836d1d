import { BUNDLED_PROMETHEUS } from '../../model/bundled-prometheus.ts';
import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { isObject, literalTexts, omit, withoutNulls } from './json.ts';
import type { Report } from './report.ts';
import { translateText } from './templates.ts';

export type TaskPlace = {
  path: Path;
  /** Where the converted task stands: tasks that cannot be converted are not there. */
  to: Path;
  /** The values of the categorical parameters by name. */
  categories: ReadonlyMap<string, readonly unknown[]>;
  report: Report;
};

/** The chart repository that needed no address once. */
const STABLE = 'https://charts.helm.sh/stable';

/** Whether a task is the ancestor's own Prometheus (R§10). */
export function isPrometheusTask(task: unknown): boolean {
  if (!isObject(task)) return false;
  const { args, helmChart, image } = task;
  if (typeof helmChart === 'string' && /(^|\/)\.\.\/prometheus$/.test(helmChart)) return true;
  return image === undefined && Array.isArray(args) && args[0] === 'prometheus';
}

/** undefined for a task that cannot run here; the report says why. */
export function convertSetupTask(written: unknown, place: TaskPlace): unknown {
  if (!isObject(written)) return written;
  const { path, report } = place;
  const { image, command, args, env, volumeMounts, labels, helmChart, helmValues, ...rest } = withoutNulls(written);
  if (isPrometheusTask(written)) return prometheusTask(withoutNulls(written), place);
  if (image === undefined && helmChart === undefined) {
    report.findings.push({
      path,
      message:
        'runs the default setup image, which builds the manifests mounted into it with kustomize; commit those manifests and list them in manifests of a fieldtrial.dev/v1alpha1 file (fieldtrial import), or name an image',
    });
    return undefined;
  }
  for (const [field, value] of Object.entries({ command, args }).filter(() => image === undefined)) {
    if (value !== undefined) report.notices.push({ path: [...path, field], message: 'has no effect without image and is left out' });
  }
  return {
    ...rest,
    ...(labels === undefined ? {} : { labels: literalTexts(labels) }),
    ...(image === undefined ? {} : { image: literalTexts(image), ...texts({ command, args }) }),
    ...texts({ env, volumeMounts }),
    ...(helmChart === undefined ? {} : convertChart(helmChart, rest.helmRepository, place)),
    ...(helmValues === undefined ? {} : { helmValues: Array.isArray(helmValues) ? convertValues(helmValues, place) : helmValues }),
  };
}

function prometheusTask(task: JsonObject, { path, to, report }: TaskPlace): JsonObject {
  const { name, skipCreate, skipDelete } = task;
  const source = task.helmChart === undefined ? 'args' : 'helmChart';
  report.moves.push({ to: [...to, 'helmChart'], from: [...path, source] });
  report.notices.push({
    path: [...path, source],
    message: `Red Sky's own Prometheus is ${BUNDLED_PROMETHEUS} here, a chart of the runner`,
  });
  for (const field of ['helmValues', 'helmValuesFrom', 'env', 'volumeMounts'].filter((each) => task[each] !== undefined)) {
    report.notices.push({
      path: [...path, field],
      message: "is left out: it was made for Red Sky's chart, and the runner's has other values",
    });
  }
  return { ...withoutNulls({ name, skipCreate, skipDelete }), helmChart: BUNDLED_PROMETHEUS };
}

function convertChart(helmChart: unknown, helmRepository: unknown, { path, report }: TaskPlace): JsonObject {
  const stable = typeof helmChart === 'string' && helmRepository === undefined ? /^stable\/([^/]+)$/.exec(helmChart)?.[1] : undefined;
  if (stable === undefined) return { helmChart };
  report.notices.push({ path: [...path, 'helmChart'], message: `stable/ is not known any more; ${stable} is taken from ${STABLE}` });
  return { helmChart: stable, helmRepository: STABLE };
}

function convertValues(values: readonly unknown[], place: TaskPlace): unknown[] {
  return values.map((value, index) => (isObject(value) ? convertValue(withoutNulls(value), index, place) : value));
}

/** Helm read the values from `--set`, where text that spells a boolean or an integer is one, unless `forceString` says no. */
function convertValue(written: JsonObject, index: number, place: TaskPlace): JsonObject {
  const { value, valueFrom, forceString } = written;
  const path = [...place.path, 'helmValues', index];
  const parameter = isObject(valueFrom) && isObject(valueFrom.parameterRef) ? valueFrom.parameterRef.name : soleParameter(value);
  if (forceString !== true && typeof parameter === 'string') {
    const typed = typedCategory(parameter, path, place);
    if (typed !== undefined) {
      if (valueFrom !== undefined)
        place.report.moves.push({ to: [...place.to, 'helmValues', index, 'value'], from: [...path, 'valueFrom'] });
      return { ...omit(written, ['value', 'valueFrom']), value: typed };
    }
  }
  if (value === undefined) return written;
  if (typeof value !== 'string') return { ...written, value };
  if (!value.includes('{{'))
    return { ...written, value: forceString === true ? value : helmTyped(value, [...path, 'value'], place.report) };
  return { ...written, value: translateText(value, 'patch', [...path, 'value'], place.report) };
}

function soleParameter(value: unknown): string | undefined {
  return typeof value === 'string' ? /^\{\{-?\s*\.Values\.(\w+)\s*-?\}\}$/.exec(value)?.[1] : undefined;
}

/** An expression that gives a category the type that Helm gave it; undefined where it stays text. */
function typedCategory(parameter: string, path: Path, { categories, report }: TaskPlace): string | undefined {
  const values = (categories.get(parameter) ?? []).map(String);
  const isBoolean = (text: string) => text === 'true' || text === 'false';
  const isInteger = (text: string) => /^-?(0|[1-9]\d*)$/.test(text);
  if (values.length === 0 || !values.some((text) => isBoolean(text) || isInteger(text))) return undefined;
  const name = /^[A-Za-z_][\w-]*$/.test(parameter) ? `values.${parameter}` : `values.[${parameter}]`;
  if (values.every(isBoolean)) return `{{eq ${name} "true"}}`;
  if (values.every(isInteger)) return `{{int ${name}}}`;
  report.notices.push({ path, message: `Helm read some values of ${parameter} as booleans or integers; here all of them are text` });
  return undefined;
}

/** helm.sh/helm/v3/pkg/strvals: typedVal. */
function helmTyped(text: string, path: Path, report: Report): string | number | boolean | null {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  if (/^-?(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (/^\{.*\}$/.test(text) || /(?<!\\),/.test(text)) {
    report.notices.push({ path, message: `Helm took ${JSON.stringify(text)} apart at its braces and commas; here it is one text` });
  }
  return text;
}

function texts(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(withoutNulls(fields)).map(([name, value]) => [name, literalTexts(value)]));
}
