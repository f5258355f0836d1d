import type { NewObject, StoredObject } from '../../store.ts';
import { podFrom } from '../pods.ts';
import { isAvailable, isReady, isTerminating } from '../pod-state.ts';

export const REVISION_LABEL = 'controller-revision-hash';

/** A pod of a StatefulSet with its number; undefined when its name has none. */
export function ordinalOf({ metadata }: StoredObject): number | undefined {
  const digits = /-(\d+)$/.exec(metadata.name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function podName(set: StoredObject, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

export function revisionLabel({ metadata }: StoredObject): string | undefined {
  return metadata.labels?.[REVISION_LABEL];
}

export function isUnavailable(pod: StoredObject | undefined, set: StoredObject, now: Date): boolean {
  if (pod === undefined || isTerminating(pod)) return true;
  return !isRunningAndReady(pod) || !isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

export function isRunningAndReady(pod: StoredObject): boolean {
  return pod.status?.phase === 'Running' && isReady(pod);
}

/** `set` is the StatefulSet as it was at `revision`. */
export function statefulPod(set: StoredObject, revision: string, ordinal: number): NewObject {
  const name = podName(set, ordinal);
  const claims: any[] = set.spec.volumeClaimTemplates ?? [];
  const volumes: any[] = set.spec.template.spec.volumes ?? [];
  const isClaimed = ({ name }: any) => claims.some(({ metadata }) => metadata.name === name);
  return podFrom(set, {
    name,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      'statefulset.kubernetes.io/pod-name': name,
      [REVISION_LABEL]: revision,
    },
    spec: {
      hostname: name,
      ...(set.spec.serviceName && { subdomain: set.spec.serviceName }),
      ...(claims.length > 0 && {
        volumes: [
          ...claims.map(({ metadata }) => ({
            name: metadata.name,
            persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
          })),
          ...volumes.filter((volume) => !isClaimed(volume)),
        ],
      }),
    },
  });
}

/** The claims of a pod; they outlive it and the StatefulSet, whatever persistentVolumeClaimRetentionPolicy says. */
export function claimsOf(set: StoredObject, ordinal: number): NewObject[] {
  const templates: any[] = set.spec.volumeClaimTemplates ?? [];
  return templates.map(({ metadata, spec }) =>
    structuredClone({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...metadata,
        name: claimName(set, metadata.name, ordinal),
        labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      },
      spec,
    }),
  );
}

function claimName(set: StoredObject, template: string, ordinal: number): string {
  return `${template}-${podName(set, ordinal)}`;
}
