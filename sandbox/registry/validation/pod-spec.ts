import { isIP } from 'node:net';

import { quantityInNanos } from '../../schema/quantity.ts';
import { duplicate, invalid, missing, notSupported, required, type FieldError } from '../field-error.ts';
import { labelErrors, labelMapErrors } from './names.ts';

/** The parts of k8s.io/kubernetes/pkg/apis/core/validation that people run into; `field` is where the spec is. */
export function podSpecErrors(spec: any, field: string): FieldError[] {
  // A volume with a mistake is none, and its mounts are mistakes as well.
  const valid = (spec.volumes ?? []).filter((volume: any) => sourceErrors(volume, '').length === 0);
  const volumes = new Set<string>(valid.map(({ name }: any) => name));
  const containers = spec.containers ?? [];
  return [
    ...volumeErrors(spec.volumes ?? [], `${field}.volumes`),
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containerListErrors(containers, volumes, `${field}.containers`),
    ...containerListErrors(spec.initContainers ?? [], volumes, `${field}.initContainers`),
    ...(spec.hostAliases ?? []).flatMap(({ ip }: any, index: number) => addressErrors(ip, `${field}.hostAliases[${index}].ip`)),
    ...labelMapErrors(spec.nodeSelector, `${field}.nodeSelector`),
    ...oneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${field}.restartPolicy`),
    ...oneOf(spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'], `${field}.dnsPolicy`),
    ...(spec.activeDeadlineSeconds < 1
      ? [invalid(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 'must be between 1 and 2147483647, inclusive')]
      : []),
  ];
}

/** `value`, when there is one, must be one of the choices. */
export function oneOf(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  return value === undefined || choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function addressErrors(address: string, field: string): FieldError[] {
  if (isIP(address) !== 0) return [];
  return [invalid(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

function volumeErrors(volumes: any[], field: string): FieldError[] {
  return [
    ...volumes.flatMap(({ name }, index) => labelErrors(name, `${field}[${index}].name`)),
    ...volumes.flatMap((volume, index) => sourceErrors(volume, `${field}[${index}]`)),
    ...duplicates(volumes, 'name', field),
  ];
}

function sourceErrors(volume: any, field: string): FieldError[] {
  const [, ...more] = Object.keys(volume).filter((key) => key !== 'name');
  return more.map((source) => ({
    field: `${field}.${source}`,
    reason: 'FieldValueForbidden',
    message: 'Forbidden: may not specify more than 1 volume type',
  }));
}

function containerListErrors(containers: any[], volumes: Set<string>, field: string): FieldError[] {
  return [
    ...containers.flatMap((container, index) => containerErrors(container, volumes, `${field}[${index}]`)),
    ...duplicates(containers, 'name', field),
  ];
}

function containerErrors(container: any, volumes: Set<string>, field: string): FieldError[] {
  return [
    ...labelErrors(container.name, `${field}.name`),
    ...(container.image === undefined ? [required(`${field}.image`)] : []),
    ...(container.ports ?? []).flatMap((port: any, index: number) => portErrors(port, `${field}.ports[${index}]`)),
    ...(container.env ?? []).flatMap((variable: any, index: number) => variableErrors(variable, `${field}.env[${index}]`)),
    ...(container.volumeMounts ?? []).flatMap((mount: any, index: number) =>
      mountErrors(mount, volumes, `${field}.volumeMounts[${index}]`),
    ),
    ...duplicates(container.volumeMounts ?? [], 'mountPath', `${field}.volumeMounts`, 'must be unique'),
    ...oneOf(container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], `${field}.terminationMessagePolicy`),
    ...oneOf(container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], `${field}.imagePullPolicy`),
    ...resourceErrors(container.resources ?? {}, `${field}.resources`),
  ];
}

function portErrors(port: any, field: string): FieldError[] {
  const { containerPort, protocol } = port;
  if (containerPort === 0) return [required(`${field}.containerPort`)];
  const range = containerPort < 1 || containerPort > 65535;
  return [
    ...(range ? [invalid(`${field}.containerPort`, containerPort, 'must be between 1 and 65535, inclusive')] : []),
    ...oneOf(protocol, ['SCTP', 'TCP', 'UDP'], `${field}.protocol`),
  ];
}

function variableErrors({ name, value, valueFrom }: any, field: string): FieldError[] {
  return [
    ...(name === '' ? [required(`${field}.name`)] : []),
    ...(value !== undefined && valueFrom !== undefined
      ? [invalid(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty')]
      : []),
  ];
}

function mountErrors({ name, mountPath }: any, volumes: Set<string>, field: string): FieldError[] {
  return [
    ...(name === '' ? [required(`${field}.name`)] : []),
    ...(volumes.has(name) ? [] : [missing(`${field}.name`, name)]),
    ...(mountPath === '' ? [required(`${field}.mountPath`)] : []),
  ];
}

function resourceErrors({ limits = {}, requests = {} }: any, field: string): FieldError[] {
  const negative = (quantities: Record<string, string>, part: string) =>
    Object.entries(quantities)
      .filter(([, quantity]) => quantity.startsWith('-'))
      .map(([resource, quantity]) => invalid(`${field}.${part}[${resource}]`, quantity, 'must be greater than or equal to 0'));
  const excessive = Object.entries<string>(requests)
    .filter(([resource, request]) => limits[resource] !== undefined && quantityInNanos(request) > quantityInNanos(limits[resource]))
    .map(([resource, request]) =>
      invalid(`${field}.requests`, request, `must be less than or equal to ${resource} limit of ${limits[resource]}`),
    );
  return [...negative(limits, 'limits'), ...negative(requests, 'requests'), ...excessive];
}

function duplicates(items: any[], key: string, field: string, detail?: string): FieldError[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    const value = item[key];
    const isSeen = seen.has(value);
    seen.add(value);
    if (!isSeen || value === undefined) return [];
    return [detail === undefined ? duplicate(`${field}[${index}].${key}`, value) : invalid(`${field}[${index}].${key}`, value, detail)];
  });
}
