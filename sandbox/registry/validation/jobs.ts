import { isDeepStrictEqual } from 'node:util';

import { matchesLabelSelector } from '../../selectors.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../field-error.ts';
import { podSpecErrors } from './pod-spec.ts';
import { atLeastZero, immutable } from './workloads.ts';

/** k8s.io/kubernetes/pkg/apis/batch/validation. */
export function jobErrors({ metadata, spec }: any): FieldError[] {
  return [...ownSelectorErrors(metadata, spec), ...jobSpecErrors(spec, 'spec'), ...selectorErrors(spec)];
}

/** A Job runs what it was created with. */
export function jobUpdateErrors({ spec, status = {} }: any, { spec: previous }: any): FieldError[] {
  const fixed = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'];
  const mayGrow = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  const maySchedule = previous.suspend === true && status.startTime === undefined;
  return [
    ...(mayGrow || spec.completions === previous.completions ? [] : [immutable('spec.completions', spec.completions)]),
    ...fixed.filter((field) => !isDeepStrictEqual(spec[field], previous[field])).map((field) => immutable(`spec.${field}`, spec[field])),
    ...(isDeepStrictEqual(fixedTemplate(spec, maySchedule), fixedTemplate(previous, maySchedule))
      ? []
      : [immutable(maySchedule ? 'spec.template.spec' : 'spec.template', spec.template)]),
  ];
}

export function cronJobErrors({ spec }: any): FieldError[] {
  return [
    ...(spec.schedule === '' ? [required('spec.schedule')] : []),
    ...(['Allow', 'Forbid', 'Replace'].includes(spec.concurrencyPolicy)
      ? []
      : [notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'])]),
    ...jobSpecErrors(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
  ];
}

/** Who sets the labels by hand that the server generates must get them right. */
function ownSelectorErrors({ uid, name }: any, { manualSelector, selector, template }: any): FieldError[] {
  if (manualSelector === true) return [];
  const expected = { 'controller-uid': uid, 'job-name': name };
  const { labels = {} } = template.metadata;
  const wrong = Object.entries(expected).filter(([label, value]) => labels[`batch.kubernetes.io/${label}`] !== value);
  const generated = Object.entries(expected).flatMap(([label, value]) => [
    [label, value],
    [`batch.kubernetes.io/${label}`, value],
  ]);
  return [
    ...wrong.map(([label, value]) =>
      invalid('spec.template.metadata.labels', labels, `must have the label batch.kubernetes.io/${label}=${value}`),
    ),
    ...(matchesLabelSelector(selector, Object.fromEntries(generated))
      ? []
      : [invalid('spec.selector', selector, '`selector` not auto-generated')]),
  ];
}

function jobSpecErrors(spec: any, field: string): FieldError[] {
  const { restartPolicy } = spec.template.spec;
  const policy = `${field}.template.spec.restartPolicy`;
  return [
    ...atLeastZero(spec, ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'], field),
    ...(spec.completionMode === 'Indexed' && spec.completions === undefined
      ? [required(`${field}.completions`, 'when completion mode is Indexed')]
      : []),
    ...oneOf(spec, 'completionMode', ['NonIndexed', 'Indexed'], field),
    ...oneOf(spec, 'podReplacementPolicy', ['Failed', 'TerminatingOrFailed'], field),
    ...managerErrors(spec, field),
    ...leftOutErrors(spec, field),
    ...podSpecErrors(spec.template.spec, `${field}.template.spec`),
    ...(restartPolicy === 'Always' ? [required(policy, 'valid values: "OnFailure", "Never"')] : []),
    ...(spec.podFailurePolicy !== undefined && restartPolicy !== 'Never'
      ? [invalid(policy, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')]
      : []),
  ];
}

function oneOf(spec: any, name: string, choices: readonly string[], field: string): FieldError[] {
  return spec[name] === undefined || choices.includes(spec[name]) ? [] : [notSupported(`${field}.${name}`, spec[name], choices)];
}

function managerErrors({ managedBy }: any, field: string): FieldError[] {
  if (managedBy === undefined) return [];
  if (managedBy === '') return [required(`${field}.managedBy`)];
  const isPath = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/.+$/.test(managedBy);
  return isPath ? [] : [invalid(`${field}.managedBy`, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")')];
}

/** What a Job of the sandbox would not do is refused rather than taken for done. */
function leftOutErrors(spec: any, field: string): FieldError[] {
  const why = 'the sandbox does not implement it';
  const fields = ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'].filter((name) => spec[name] !== undefined);
  const rules: any[] = spec.podFailurePolicy?.rules ?? [];
  return [
    ...fields.map((name) => forbidden(`${field}.${name}`, why)),
    ...rules.flatMap(({ action }, index) =>
      action === 'FailIndex'
        ? [invalid(`${field}.podFailurePolicy.rules[${index}].action`, action, `requires backoffLimitPerIndex, and ${why}`)]
        : [],
    ),
  ];
}

function selectorErrors({ selector, template, manualSelector }: any): FieldError[] {
  if (selector === undefined) return manualSelector === true ? [required('spec.selector')] : [];
  const labels = template.metadata.labels ?? {};
  if (matchesLabelSelector(selector, labels)) return [];
  return [invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

/** Where the pods of a suspended Job go, and what they get, may still be decided. */
function fixedTemplate({ template }: any, maySchedule: boolean): unknown {
  if (!maySchedule) return template;
  const { nodeSelector, tolerations, schedulingGates, affinity, ...spec } = template.spec;
  const { labels, annotations, ...metadata } = template.metadata;
  const withoutResources = (containers: any[] | undefined) => containers?.map(({ resources, ...container }) => container);
  const [initContainers, containers] = [withoutResources(spec.initContainers), withoutResources(spec.containers)];
  return { ...template, metadata, spec: { ...spec, initContainers, containers } };
}
