import type {
  Constraint,
  Experiment,
  Metric,
  NamespaceTemplate,
  Parameter,
  PatchTemplate,
  ScrapeCheck,
  Suggest,
  TrialTemplateSource,
} from '../model/experiment.ts';
import { DEFAULT_PROMETHEUS_URL } from '../model/bundled-prometheus.ts';
import { constantValue } from '../model/parameter-space.ts';
import { parseQuantity } from '../model/quantity.ts';
import { parseDuration } from './duration.ts';
import type { WrittenMetric } from './metric-schema.ts';
import type { WrittenConstraint, WrittenExperiment, WrittenNamespaceTemplate, WrittenParameter, WrittenPatch } from './schema.ts';

/** The experiment with every default filled in; what it is given must have passed schema and rules. */
export function normalizeExperiment({ metadata, spec }: WrittenExperiment, file: string, trialTemplate: TrialTemplateSource): Experiment {
  const namespace = spec.trialTemplate?.metadata?.namespace;
  return {
    name: metadata.name,
    file,
    ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
    replicas: spec.replicas ?? 1,
    suggest: normalizeSuggest(spec.suggest),
    failurePolicy: spec.failurePolicy ?? {},
    parameters: spec.parameters.map(normalizeParameter),
    constraints: (spec.constraints ?? []).map(normalizeConstraint),
    metrics: spec.metrics.map(normalizeMetric),
    patches: (spec.patches ?? []).map(normalizePatch),
    restore: spec.restore ?? 'never',
    ...(spec.namespaceSelector === undefined ? {} : { namespaceSelector: spec.namespaceSelector }),
    ...(spec.namespaceTemplate === undefined
      ? {}
      : { namespaceTemplate: normalizeNamespaceTemplate(spec.namespaceTemplate, metadata.name) }),
    ...(namespace === undefined ? {} : { namespace }),
    trialTemplate,
  };
}

export function normalizeNamespaceTemplate({ metadata = {} }: WrittenNamespaceTemplate, experiment: string): NamespaceTemplate {
  const { name = experiment, generateName = `${name}-`, labels = {}, annotations = {} } = metadata;
  return { prefix: generateName, labels, annotations };
}

/** A parameter that can take only one value has it as its baseline too, so that it never stands in the way of "all or none". */
export function normalizeParameter(written: WrittenParameter): Parameter {
  const parameter = withoutBaseline(written);
  const baseline = written.baseline ?? constantValue(parameter);
  return (baseline === undefined ? parameter : { ...parameter, baseline }) as Parameter;
}

/** `index` gives a constraint without a name one for messages. */
export function normalizeConstraint(written: WrittenConstraint, index: number): Constraint {
  const name = written.name ?? `constraints[${index}]`;
  if (written.order !== undefined) return { type: 'order', name, ...written.order };
  const { bound, isUpperBound = false, parameters } = written.sum!;
  const terms = parameters.map((term) => ({ name: term.name, weight: parseQuantity(term.weight)! }));
  return { type: 'sum', name, bound: parseQuantity(bound)!, isUpperBound, parameters: terms };
}

function normalizeSuggest(written: WrittenExperiment['spec']['suggest']): Suggest {
  if (written === undefined) return { source: 'manual' };
  return written.source === 'random' ? { ...written, seed: written.seed ?? 1 } : written;
}

function withoutBaseline({ name, type = 'integer', min = 0, max = 0, step, scale = 'linear', values }: WrittenParameter): Parameter {
  if (values !== undefined) return { type: 'categorical', name, values };
  if (type === 'integer') return { type, name, min, max, step: step ?? 1, scale };
  return { type, name, min, max, ...(step === undefined ? {} : { step }), scale };
}

function normalizeMetric(written: WrittenMetric): Metric {
  const { minimize = false, optimize = true, min, max, sample, ...rest } = written;
  const bounds = {
    ...(min === undefined ? {} : { min: parseQuantity(min)! }),
    ...(max === undefined ? {} : { max: parseQuantity(max)! }),
    ...(sample === undefined ? {} : { sample: parseQuantity(sample)! }),
  };
  const common = { minimize, optimize, ...bounds };
  if (rest.type === 'datadog') return { ...rest, ...common, aggregator: rest.aggregator ?? 'avg', delay: normalizeDelay(rest.delay) };
  if (rest.type === 'newrelic') return { ...rest, ...common, delay: normalizeDelay(rest.delay) };
  if (rest.type === 'logs') return { ...rest, ...common, format: rest.format ?? 'regexp' };
  const { target, ...query } = rest;
  const targeted = { ...common, ...(target === undefined ? {} : { target: { ...target, apiVersion: target.apiVersion ?? 'v1' } }) };
  if (query.type === 'jsonpath') return { ...query, ...targeted };
  if (query.type === 'prometheus') {
    const scrapeCheck = normalizeScrapeCheck(query.scrapeCheck ?? 'targets');
    return { ...query, url: query.url ?? DEFAULT_PROMETHEUS_URL, ...targeted, scrapeCheck };
  }
  return { ...query, ...targeted, type: 'kubernetes' };
}

function normalizeDelay(written: string | number | undefined): number {
  return parseDuration(written ?? '30s')!;
}

function normalizeScrapeCheck(written: string): ScrapeCheck {
  if (written === 'targets' || written === 'samples' || written === 'none') return { by: written };
  return { by: 'delay', delay: parseDuration(written)! };
}

function normalizePatch({ type = 'strategic', ...rest }: WrittenPatch): PatchTemplate {
  return { type, ...rest };
}
