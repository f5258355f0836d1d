import type { ApiKeys } from '../metrics/access/api-keys.ts';
import { metricUrl } from '../metrics/metric-url.ts';
import type { Experiment } from '../model/experiment.ts';
import { slotNamespaceNames } from '../model/slot-namespace.ts';
import type { RenderedTrial } from '../model/trial.ts';

/** What a trial uses besides its own Jobs: for whoever reviews the experiment. Each list is sorted and without doubles. */
export type Touches = {
  serviceAccounts: string[];
  /** Secrets that its pods mount, read into their environment or pull images with. */
  secrets: string[];
  images: string[];
  patchTargets: string[];
  /** Hosts that metrics ask, and that charts come from. */
  hosts: string[];
  /** Namespaces that are made where they are missing and the installation lists no others. */
  namespaces: string[];
};

/** Reads from the rendered manifests what a trial of the experiment touches. */
export function describeTouches(
  rendered: RenderedTrial,
  { namespaceTemplate, replicas }: Pick<Experiment, 'namespaceTemplate' | 'replicas'>,
  keys: ApiKeys,
): Touches {
  const pods: any[] = [rendered.job, rendered.setup?.create, rendered.setup?.delete].flatMap((job: any) =>
    job === undefined ? [] : [job.spec.template.spec],
  );
  const containers: any[] = pods.flatMap((pod) => [...(pod.initContainers ?? []), ...(pod.containers ?? [])]);
  return {
    serviceAccounts: sorted(pods.map((pod) => pod.serviceAccountName ?? 'default')),
    secrets: sorted([
      ...pods.flatMap((pod) => (pod.imagePullSecrets ?? []).map((secret: any) => secret.name)),
      ...pods.flatMap((pod) =>
        (pod.volumes ?? []).flatMap((volume: any) => [
          volume.secret?.secretName,
          ...(volume.projected?.sources ?? []).map((source: any) => source.secret?.name),
        ]),
      ),
      ...containers.flatMap((container) => [
        ...(container.env ?? []).map((variable: any) => variable.valueFrom?.secretKeyRef?.name),
        ...(container.envFrom ?? []).map((source: any) => source.secretRef?.name),
      ]),
    ]),
    images: sorted(containers.map((container) => container.image)),
    patchTargets: sorted(rendered.patches.map(({ target }) => `${target.kind} ${target.name}`)),
    hosts: sorted([
      ...rendered.metrics.map((metric) => {
        const url = metricUrl(metric, keys);
        return url === undefined ? undefined : (URL.parse(url)?.host ?? url);
      }),
      ...(rendered.setup?.hosts ?? []),
    ]),
    // In the order of their numbers.
    namespaces: namespaceTemplate === undefined ? [] : slotNamespaceNames(namespaceTemplate, replicas),
  };
}

function sorted(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}
