import { isDeepStrictEqual } from 'node:util';

import { duplicate, forbidden, invalid, required, type FieldError } from '../field-error.ts';
import { configKeyErrors, labelErrors } from './names.ts';
import { oneOf, podSpecErrors } from './pod-spec.ts';
import { immutable } from './workloads.ts';

export function podErrors({ spec }: any): FieldError[] {
  return podSpecErrors(spec, 'spec');
}

const POD_CHANGES =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod is not changed but replaced; binding it to a node is the scheduler's. */
export function podUpdateErrors({ spec }: any, { spec: previous }: any): FieldError[] {
  const recounted = ['initContainers', 'containers'].find((list) => (spec[list] ?? []).length !== (previous[list] ?? []).length);
  if (recounted !== undefined) return [forbidden(`spec.${recounted}`, 'pod updates may not add or remove containers')];
  const isBound = previous.nodeName !== undefined;
  const fixed = ({ activeDeadlineSeconds, tolerations, nodeName, ...rest }: any) => ({
    ...rest,
    nodeName: isBound ? nodeName : undefined,
    containers: rest.containers?.map(({ image, ...container }: any) => container),
    initContainers: rest.initContainers?.map(({ image, ...container }: any) => container),
  });
  return isDeepStrictEqual(fixed(spec), fixed(previous)) ? [] : [forbidden('spec', POD_CHANGES)];
}

/** Of ConfigMaps and Secrets. */
export function dataErrors({ data, binaryData }: any): FieldError[] {
  return [...configKeyErrors(data, 'data'), ...configKeyErrors(binaryData, 'binaryData')];
}

/** A Secret keeps its type, and what calls itself immutable its data. */
export function dataUpdateErrors(object: any, previous: any): FieldError[] {
  const detail = 'field is immutable when `immutable` is set';
  const frozen = previous.immutable === true ? ['immutable', 'data', 'binaryData'] : [];
  return [
    ...(object.type === previous.type ? [] : [immutable('type', object.type)]),
    ...frozen.filter((field) => !isDeepStrictEqual(object[field], previous[field])).map((field) => forbidden(field, detail)),
  ];
}

export function serviceErrors({ spec }: any): FieldError[] {
  const { ports = [], clusterIP, type } = spec;
  const needsPorts = ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName';
  return [
    ...(needsPorts ? [required('spec.ports')] : []),
    ...ports.flatMap((port: any, index: number) => [
      ...(ports.length > 1 ? labelErrors(port.name, `spec.ports[${index}].name`) : []),
      ...(port.name !== undefined && ports.findIndex(({ name }: any) => name === port.name) < index
        ? [duplicate(`spec.ports[${index}].name`, port.name)]
        : []),
      ...(port.port < 1 || port.port > 65535
        ? [invalid(`spec.ports[${index}].port`, port.port, 'must be between 1 and 65535, inclusive')]
        : []),
    ]),
  ];
}

export function serviceUpdateErrors({ spec }: any, { spec: previous }: any): FieldError[] {
  const isCleared = spec.type === 'ExternalName' || previous.type === 'ExternalName' || previous.clusterIP === undefined;
  if (isCleared || spec.clusterIP === previous.clusterIP) return [];
  return [invalid('spec.clusterIPs[0]', [spec.clusterIP ?? ''], 'may not change once set')];
}

export function leaseErrors({ spec = {} }: any): FieldError[] {
  return [
    ...(spec.leaseDurationSeconds <= 0 ? [invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0')] : []),
    ...(spec.leaseTransitions < 0 ? [invalid('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0')] : []),
  ];
}

/** Of Roles and ClusterRoles. */
export function roleErrors({ rules }: any): FieldError[] {
  return (rules ?? []).flatMap(({ verbs, apiGroups = [], resources = [], nonResourceURLs = [] }: any, index: number) => {
    const isOfResources = nonResourceURLs.length === 0;
    return [
      ...((verbs ?? []).length === 0 ? [required(`rules[${index}].verbs`, 'verbs must contain at least one value')] : []),
      ...(isOfResources && apiGroups.length === 0
        ? [required(`rules[${index}].apiGroups`, 'resource rules must supply at least one api group')]
        : []),
      ...(isOfResources && resources.length === 0
        ? [required(`rules[${index}].resources`, 'resource rules must supply at least one resource')]
        : []),
    ];
  });
}

/** Of RoleBindings and ClusterRoleBindings. */
export function bindingErrors({ roleRef, subjects = [] }: any): FieldError[] {
  return [
    ...oneOf(roleRef.kind, ['Role', 'ClusterRole'], 'roleRef.kind'),
    ...(roleRef.name === '' ? [required('roleRef.name')] : []),
    ...subjects.flatMap((subject: any, index: number) => (subject.name === '' ? [required(`subjects[${index}].name`)] : [])),
  ];
}

export function bindingUpdateErrors({ roleRef }: any, previous: any): FieldError[] {
  return isDeepStrictEqual(roleRef, previous.roleRef) ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')];
}

export function claimErrors({ spec }: any): FieldError[] {
  return [
    ...((spec.accessModes ?? []).length === 0 ? [required('spec.accessModes', 'at least 1 access mode is required')] : []),
    ...(spec.resources?.requests?.storage === undefined ? [required('spec.resources[storage]')] : []),
  ];
}

export function autoscalerErrors({ spec }: any): FieldError[] {
  return [
    ...(spec.maxReplicas < 1 ? [invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than 0')] : []),
    ...(spec.maxReplicas < spec.minReplicas
      ? [invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...(spec.scaleTargetRef.kind === '' ? [required('spec.scaleTargetRef.kind')] : []),
    ...(spec.scaleTargetRef.name === '' ? [required('spec.scaleTargetRef.name')] : []),
  ];
}

export function definitionErrors({ metadata, spec }: any): FieldError[] {
  const expected = `${spec.names.plural}.${spec.group}`;
  const stored = (spec.versions ?? []).filter(({ storage }: any) => storage === true);
  return [
    ...(metadata.name === expected ? [] : [invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...(spec.group === '' ? [required('spec.group')] : []),
    ...(['Namespaced', 'Cluster'].includes(spec.scope) ? [] : [required('spec.scope')]),
    ...(spec.names.kind === '' ? [required('spec.names.kind')] : []),
    ...(spec.names.plural === '' ? [required('spec.names.plural')] : []),
    ...(spec.versions ?? []).flatMap(({ schema }: any, index: number) =>
      schema?.openAPIV3Schema === undefined ? [required(`spec.versions[${index}].schema.openAPIV3Schema`)] : [],
    ),
    ...(stored.length === 1 ? [] : [invalid('spec.versions', spec.versions, 'must have exactly one version marked as storage version')]),
  ];
}
