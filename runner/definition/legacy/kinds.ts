import { GROUP } from '../../model/names.ts';

const API_VERSIONS: Record<string, string> = {
  ConfigMap: 'v1',
  PersistentVolumeClaim: 'v1',
  Pod: 'v1',
  Secret: 'v1',
  Service: 'v1',
  ServiceAccount: 'v1',
  DaemonSet: 'apps/v1',
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  CronJob: 'batch/v1',
  Job: 'batch/v1',
};

/** Versions that no current API server knows, and their successors of the same shape. */
const SUCCESSORS: Record<string, string> = {
  'extensions/v1beta1': 'apps/v1',
  'apps/v1beta1': 'apps/v1',
  'apps/v1beta2': 'apps/v1',
  'batch/v1beta1': 'batch/v1',
  'autoscaling/v2beta2': 'autoscaling/v2',
};

/** The version of a kind that was named without one, as the ancestor's references could be; undefined where that is not known. */
export function apiVersionOf(kind: unknown): string | undefined {
  return typeof kind === 'string' && Object.hasOwn(API_VERSIONS, kind) ? API_VERSIONS[kind] : undefined;
}

/** The version to use instead of one that is served no more; undefined for any other. */
export function successorOf(apiVersion: unknown, kind: unknown): string | undefined {
  if (typeof apiVersion !== 'string' || !Object.hasOwn(SUCCESSORS, apiVersion)) return undefined;
  const successor = SUCCESSORS[apiVersion]!;
  return successor.startsWith('autoscaling') || apiVersionOf(kind) === successor ? successor : undefined;
}

/** `stormforge.io/app-ready` is ours under our own prefix (R§9.5). */
export function conditionType(type: unknown): unknown {
  return typeof type === 'string' ? type.replace(/^(?:redskyops\.dev|stormforge\.io|redsky\.carbonrelay\.com)\//, `${GROUP}/`) : type;
}
