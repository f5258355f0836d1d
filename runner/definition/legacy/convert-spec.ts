import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { convertMetric } from './convert-metric.ts';
import { convertNamespaceTemplate } from './convert-namespace-template.ts';
import { convertParameter } from './convert-parameter.ts';
import { convertPatch } from './convert-patch.ts';
import { SUGGEST_FIELDS, convertSuggest } from './convert-suggest.ts';
import { bringsPrometheus, convertTrialTemplate } from './convert-trial-template.ts';
import { findSlot } from './find-slot.ts';
import { formerPrometheusUrl } from './former-prometheus.ts';
import { asObject, isObject, omit, withoutNulls } from './json.ts';

import type { Report } from './report.ts';
import { setupAccess } from './setup-access.ts';

type SpecPlace = { apiVersion: unknown; metadata: JsonObject; report: Report };

/** The spec of ours, its fields in the order of the documentation, and the objects that the ancestor would have created beside it. */
export function convertSpec(
  written: JsonObject,
  { apiVersion, metadata, report }: SpecPlace,
): { spec: JsonObject; companions: JsonObject[] } {
  // `template` until 1.5, `trialTemplate` since (R§1).
  const templateField = written.trialTemplate === undefined && written.template !== undefined ? 'template' : 'trialTemplate';
  const path: Path = ['spec', templateField];
  const template = written[templateField];
  const { parameters, constraints, metrics, patches, namespaceSelector, namespaceTemplate, ...rest } = omit(written, [
    ...SUGGEST_FIELDS,
    templateField,
    'targetNamespace',
    'selector',
  ]);
  if (templateField === 'template') report.moves.push({ to: ['spec', 'trialTemplate'], from: path });
  if (written.selector !== undefined) {
    report.notices.push({ path: ['spec', 'selector'], message: 'trials belong to the experiment of their record; the field is left out' });
  }

  const slot = findSlot(written, metadata, path, report);
  const hasTemplate = slot === undefined && namespaceTemplate !== undefined && namespaceTemplate !== null;
  const prometheusUrl = bringsPrometheus(template) ? undefined : formerPrometheusUrl(apiVersion);
  const trialTemplate = convertTrialTemplate(template, { path, slot, categories: categoriesOf(parameters), report });
  const spec = {
    ...convertSuggest(written, report),
    ...mapped('parameters', parameters, (each, at) => convertParameter(each, at, report)),
    ...mapped('constraints', constraints, (each) => each),
    ...mapped('metrics', metrics, (each, at) => convertMetric(each, { path: at, slot, prometheusUrl, report })),
    ...mapped('patches', patches, (each, at) => convertPatch(each, { path: at, slot, jobNames: jobNamesOf(template, metadata), report })),
    // One slot that was named was the only one (R§6.2).
    ...(namespaceSelector === undefined || slot !== undefined ? {} : { namespaceSelector }),
    ...(hasTemplate ? { namespaceTemplate: convertNamespaceTemplate(namespaceTemplate, report) } : {}),
    ...rest,
    ...(trialTemplate === undefined ? {} : { trialTemplate }),
  };
  return { spec, companions: companionsOf(template, { metadata, slot, hasTemplate, path, report }) };
}

function companionsOf(
  template: unknown,
  {
    metadata,
    slot,
    hasTemplate,
    path,
    report,
  }: { metadata: JsonObject; slot: string | undefined; hasTemplate: boolean; path: Path; report: Report },
): JsonObject[] {
  const spec = withoutNulls(asObject(asObject(template).spec));
  const { setupServiceAccountName: account } = spec;
  return setupAccess(
    spec,
    {
      experiment: typeof metadata.name === 'string' ? metadata.name : 'experiment',
      serviceAccount: typeof account === 'string' && account !== '' ? account : 'default',
      slot,
      hasNamespaceTemplate: hasTemplate,
      path: [...path, 'spec'],
    },
    report,
  );
}

function jobNamesOf(template: unknown, metadata: JsonObject): unknown[] {
  const { jobTemplate, template: former } = asObject(asObject(template).spec);
  const { name } = asObject(asObject(jobTemplate ?? former).metadata);
  return [metadata.name, name].filter((each) => each !== undefined);
}

function mapped(field: string, list: unknown, convert: (item: unknown, path: Path) => unknown): JsonObject {
  if (list === undefined) return {};
  return { [field]: Array.isArray(list) ? list.map((item: unknown, index) => convert(item, ['spec', field, index])) : list };
}

function categoriesOf(parameters: unknown): Map<string, readonly unknown[]> {
  const all: unknown[] = Array.isArray(parameters) ? parameters : [];
  return new Map(
    all.flatMap((each) =>
      isObject(each) && typeof each.name === 'string' && Array.isArray(each.values) ? [[each.name, each.values] as const] : [],
    ),
  );
}
