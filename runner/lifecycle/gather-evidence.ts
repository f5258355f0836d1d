import { ClusterError } from '../cluster/errors.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { lastLines } from '../metrics/cut-answer.ts';
import type { ContainerEvidence, Evidence } from '../model/errors.ts';

const LOG_LINES = 20;
const LOG_BYTES = 8_192;
/** Far above what the lines may have: a container runtime splits lines at 16 KiB, and each piece counts as one. */
const ASKED_BYTES = 1_048_576;
const MAX_CONTAINERS = 6;
const MAX_EVENTS = 10;

/**
 * What explains a failure, kept before anything is deleted: exit code, reason and last log lines of the containers that did not
 * succeed, and the warning events of their pods.
 */
export async function gatherEvidence(
  pods: readonly KubeObject[],
  cluster: Pick<Cluster, 'log' | 'list'>,
  signal: AbortSignal,
): Promise<Evidence> {
  const suspects = pods.flatMap((pod) => unsuccessful(pod)).slice(0, MAX_CONTAINERS);
  const containers = await Promise.all(suspects.map(({ pod, status }) => describe(pod, status, cluster, signal)));
  const events = (await Promise.all(pods.slice(0, MAX_CONTAINERS).map((pod) => warnings(pod, cluster, signal)))).flat();
  return { ...(containers.length > 0 && { containers }), ...(events.length > 0 && { events: events.slice(-MAX_EVENTS) }) };
}

/** In a Job's pod a container that still runs is part of the explanation; in a workload's pod one that is ready is not. */
function unsuccessful(pod: KubeObject): { pod: KubeObject; status: any }[] {
  const statuses: any[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const endless = pod.spec?.restartPolicy === 'Always';
  const fine = (status: any) => status.state?.terminated?.exitCode === 0 || (endless && status.ready === true && status.restartCount === 0);
  return statuses.filter((status) => !fine(status)).map((status) => ({ pod, status }));
}

async function describe(pod: KubeObject, status: any, cluster: Pick<Cluster, 'log'>, signal: AbortSignal): Promise<ContainerEvidence> {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const reason = status.state?.waiting?.reason ?? ended?.reason;
  const message = status.state?.waiting?.message ?? ended?.message;
  const log = status.state?.waiting !== undefined && ended === undefined ? undefined : await tail(pod, status.name, cluster, signal);
  return {
    pod: pod.metadata.name,
    container: status.name,
    ...(ended?.exitCode !== undefined && { exitCode: ended.exitCode }),
    ...(reason && { reason }),
    ...(message && { message: String(message).trim() }),
    ...(log && { log }),
  };
}

async function tail(pod: KubeObject, container: string, cluster: Pick<Cluster, 'log'>, signal: AbortSignal): Promise<string | undefined> {
  const { name, namespace = '' } = pod.metadata;
  try {
    const text = await cluster.log({ namespace, name }, { container, tailLines: LOG_LINES, limitBytes: ASKED_BYTES }, signal);
    // The server counts a limit from the beginning of the tail, and the end is what explains a failure.
    return lastLines(text, LOG_BYTES);
  } catch (error) {
    // The log is gone with its node or container; the evidence says so instead of losing the failure it belongs to.
    if (error instanceof ClusterError) return `(log unavailable: ${error.message})`;
    throw error;
  }
}

async function warnings(pod: KubeObject, cluster: Pick<Cluster, 'list'>, signal: AbortSignal): Promise<string[]> {
  const { namespace, uid } = pod.metadata;
  try {
    const { items } = await cluster.list(
      { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: `involvedObject.uid=${uid},type=Warning` },
      signal,
    );
    return items.map((event) => `${event.reason}: ${event.message}`);
  } catch (error) {
    if (error instanceof ClusterError) return [`(events unavailable: ${error.message})`];
    throw error;
  }
}
