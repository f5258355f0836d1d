import { join } from 'node:path';
import type { ObservedRequest } from '../sandbox/http/observe-request.ts';
import { startCluster } from '../sandbox/start-cluster.ts';
import type { StoreEvent } from '../sandbox/store.ts';
import { openApi } from './api.ts';
import type { AuditEvent, AuditLog } from './audit.ts';
import { HOME, createNamespace, createSlot, type BenchCluster } from './cluster.ts';
import { slotNames } from './loads.ts';

/** Nobody is asked who they are: floor and runner are told apart by taking turns. */
const USER = 'anybody';

/** The embedded cluster in this process, with the same slots as the real one, and what its audit log would say. */
export async function sandboxStand(slots: number, folder: string): Promise<{ cluster: BenchCluster; audit: AuditLog }> {
  let events: AuditEvent[] = [];
  // The path of a creation does not say what is created; a slot creates one Job at a time.
  const latestJobs = new Map<string | undefined, string>();
  const sandbox = await startCluster({
    observe: (request) => events.push(asRequest({ ...request, ...nameOfJob(request, latestJobs) })),
  });
  const stopListening = sandbox.store.subscribe((event) => {
    const { name, namespace } = event.object.metadata;
    if (event.type === 'ADDED' && event.kind.plural === 'jobs') latestJobs.set(namespace, name);
    events.push(...asStatusUpdate(event));
  });
  const kubeconfig = join(folder, 'sandbox.conf');
  await sandbox.kubeconfig(kubeconfig);
  const access = { server: sandbox.url, ca: '' };
  const api = openApi(access);
  await createNamespace(HOME, api);
  await Promise.all(slotNames(slots).map((slot) => createSlot(slot, api)));
  await api.close();
  const contestant = { user: USER, access, kubeconfig };
  return {
    cluster: {
      runner: contestant,
      floor: contestant,
      async stop() {
        stopListening();
        await sandbox.close();
      },
    },
    audit: {
      async newEvents() {
        const seen = events;
        events = [];
        return seen.toSorted((a, b) => (a.requestReceivedTimestamp < b.requestReceivedTimestamp ? -1 : 1));
      },
    },
  };
}

function nameOfJob({ verb, resource, namespace }: ObservedRequest, latestJobs: ReadonlyMap<string | undefined, string>) {
  const name = latestJobs.get(namespace);
  return verb === 'create' && resource === 'jobs' && name !== undefined ? { name } : {};
}

function asRequest({ verb, code, receivedAt, answeredAt, ...objectRef }: ObservedRequest): AuditEvent {
  return {
    verb,
    user: { username: USER },
    objectRef,
    responseStatus: { code },
    requestReceivedTimestamp: receivedAt.toISOString(),
    stageTimestamp: answeredAt.toISOString(),
  };
}

/** The kubelet and the controllers write into the store, without requests; only what they say of pods and Deployments is looked at. */
function asStatusUpdate({ type, kind, object }: StoreEvent): AuditEvent[] {
  if (type !== 'MODIFIED' || (kind.plural !== 'pods' && kind.plural !== 'deployments')) return [];
  const { name, namespace } = object.metadata;
  const now = new Date().toISOString();
  return [
    {
      verb: 'update',
      user: { username: 'system' },
      objectRef: { resource: kind.plural, subresource: 'status', name, ...(namespace && { namespace }) },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: now,
      stageTimestamp: now,
      requestObject: object,
    },
  ];
}
