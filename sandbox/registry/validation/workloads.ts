import { isDeepStrictEqual } from 'node:util';

import { matchesLabelSelector } from '../../selectors.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../field-error.ts';
import { labelMapErrors } from './names.ts';
import { oneOf, podSpecErrors } from './pod-spec.ts';

/** Of Deployments, ReplicaSets, StatefulSets and DaemonSets: k8s.io/kubernetes/pkg/apis/apps/validation. */
export function workloadErrors({ spec }: any): FieldError[] {
  return [
    ...atLeastZero(spec, ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
    ...selectorErrors(spec),
    ...templateErrors(spec.template, 'spec.template', ['Always']),
    ...strategyErrors(spec),
  ];
}

/** A selector is chosen once; so is most of a StatefulSet. */
export function workloadUpdateErrors({ spec }: any, { spec: previous }: any): FieldError[] {
  if (isDeepStrictEqual(spec.selector, previous.selector)) return [];
  return [immutable('spec.selector', spec.selector)];
}

const STATEFUL_SET_CHANGES = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function statefulSetUpdateErrors({ spec }: any, { spec: previous }: any): FieldError[] {
  const fixed = (whole: any) => Object.fromEntries(Object.entries(whole).filter(([key]) => !STATEFUL_SET_CHANGES.includes(key)));
  if (isDeepStrictEqual(fixed(spec), fixed(previous))) return [];
  const names = STATEFUL_SET_CHANGES.map((name) => `'${name}'`);
  const detail = `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`;
  return [forbidden('spec', detail)];
}

/** A field that keeps the value with which the object was created. */
export function immutable(field: string, value: unknown): FieldError {
  return invalid(field, value, 'field is immutable');
}

/** Of a template whose pods may have only some restart policies. */
export function templateErrors(template: any, field: string, policies: readonly string[]): FieldError[] {
  const { restartPolicy } = template.spec;
  return [
    ...labelMapErrors(template.metadata.labels, `${field}.labels`),
    ...podSpecErrors(template.spec, `${field}.spec`),
    ...(policies.includes(restartPolicy) ? [] : [notSupported(`${field}.spec.restartPolicy`, restartPolicy, policies)]),
  ];
}

export function atLeastZero(spec: any, fields: readonly string[], within = 'spec'): FieldError[] {
  return fields
    .filter((field) => spec[field] < 0)
    .map((field) => invalid(`${within}.${field}`, spec[field], 'must be greater than or equal to 0'));
}

function selectorErrors({ selector, template }: any): FieldError[] {
  const { labels } = template.metadata;
  const mismatch = invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`');
  if (selector === undefined || selector === null) return [required('spec.selector'), mismatch];
  if (Object.keys(selector).length === 0) return [invalid('spec.selector', selector, 'empty selector is invalid for deployment')];
  return matchesLabelSelector(selector, labels ?? {}) ? [] : [mismatch];
}

const STRATEGIES = ['Recreate', 'RollingUpdate'];

function strategyErrors({ strategy, updateStrategy }: any): FieldError[] {
  if (strategy !== undefined) {
    const { type, rollingUpdate } = strategy;
    if (type === 'Recreate' && rollingUpdate !== undefined) {
      return [forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")];
    }
    const stuck = rollingUpdate !== undefined && isNone(rollingUpdate.maxSurge) && isNone(rollingUpdate.maxUnavailable);
    const detail = 'may not be 0 when `maxSurge` is 0';
    return [
      ...(STRATEGIES.includes(type) ? [] : [notSupported('spec.strategy', strategy, STRATEGIES)]),
      ...(stuck ? [invalid('spec.strategy.rollingUpdate.maxUnavailable', rollingUpdate.maxUnavailable, detail)] : []),
    ];
  }
  return oneOf(updateStrategy?.type, ['OnDelete', 'RollingUpdate'], 'spec.updateStrategy.type');
}

function isNone(value: unknown): boolean {
  return value === 0 || value === '0%';
}
