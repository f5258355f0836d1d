import type { Cluster, KubeObject } from '../../runner/cluster/port.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHART, helmWith } from '../support/helm.ts';
import { kubectl } from '../support/kubectl.ts';
import type { Stage } from './stage.ts';

/** How the runner's Job ended, and what its pods said, the first pod first. */
export type JobEnd = { condition: string; reason: string; pods: KubeObject[]; logs: string[] };

/** The release `fieldtrial` in a namespace of its own, on the image of the stage. */
export async function install(stage: Stage, namespace: string, values: object): Promise<void> {
  const [repository, tag] = stage.image.name.split(/:(?=[^/]+$)/);
  const own = { image: { repository, tag, pullPolicy: 'Never' }, ...values };
  await helmWith(own, 'upgrade', '--install', 'fieldtrial', CHART, '--namespace', namespace, '--kubeconfig', stage.test.kubeconfig);
}

/** What the CronJob's next tick would do, now. */
export async function startFromCronJob(stage: Stage, namespace: string, name: string): Promise<void> {
  await kubectl(stage.test.kubeconfig, 'create', 'job', name, '--from=cronjob/fieldtrial', '--namespace', namespace);
}

/** Waits for the end of a Job for as long as the signal lasts. */
export async function endOfJob(cluster: Cluster, namespace: string, name: string, signal: AbortSignal): Promise<JobEnd> {
  for (;;) {
    const job = await cluster.read({ apiVersion: 'batch/v1', kind: 'Job', name, namespace }, signal);
    const end = job?.status?.conditions?.find(({ type }: { type: string }) => type === 'Complete' || type === 'Failed');
    if (end) {
      const pods = await podsOf(cluster, namespace, name, signal);
      const logs = await Promise.all(pods.map(({ metadata }) => cluster.log({ namespace, name: metadata.name }, {}, signal)));
      return { condition: end.type, reason: end.reason, pods, logs };
    }
    await sleep(500, undefined, { signal });
  }
}

/** The pods of a Job that there still are, the oldest first. */
export async function podsOf(cluster: Cluster, namespace: string, name: string, signal: AbortSignal): Promise<KubeObject[]> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` };
  const { items } = await cluster.list(query, signal);
  return items.toSorted((a, b) => Date.parse(a.metadata.creationTimestamp!) - Date.parse(b.metadata.creationTimestamp!));
}
