import { createHash } from 'node:crypto';

import { canonicalJson } from '../model/canonical-json.ts';
import type { Experiment, JsonObject, TrialTemplateSource } from '../model/experiment.ts';

export type UsedFile = { path: string; blob: string };

/**
 * Identifies what an experiment measures: parameters' names and types, patches, metrics with their bounds, the trial
 * template and the files it uses. Ranges, values, steps, baselines, budgets, replicas, timeouts, samples and comments may change
 * without a new generation.
 *
 * 16 hexadecimal digits. `files` are those that the definition names (charts, manifests), each with the blob digest of
 * its content.
 */
export function definitionDigest(experiment: Experiment, files: readonly UsedFile[]): string {
  const measured = {
    parameters: experiment.parameters.map(({ name, type }) => ({ name, type })).sort(byText(({ name }) => name)),
    // Patches are applied in their order; parameters, metrics and files mean the same in any.
    patches: experiment.patches,
    metrics: experiment.metrics.map(({ sample: _, ...measured }) => measured).sort(byText(({ name }) => name)),
    trialTemplate: withoutTimeouts(experiment.trialTemplate),
    files: files.map(({ path, blob }) => ({ path, blob })).sort(byText(({ path }) => path)),
  };
  return createHash('sha256').update(canonicalJson(measured)).digest('hex').slice(0, 16);
}

/** A template in a file is text until it is rendered, so only an inline one can be told apart from its timeouts. */
function withoutTimeouts(source: TrialTemplateSource): unknown {
  if (source.from === 'file' || !isObject(source.template) || !isObject(source.template.spec)) return source;
  const { timeouts: _, ...spec } = source.template.spec;
  return { ...source, template: { ...source.template, spec } };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** By code units: the order must not depend on a locale. */
function byText<Item>(textOf: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : Number(textOf(a) > textOf(b)));
}
