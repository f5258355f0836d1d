import { startControllers } from '../../sandbox/controllers/start-controllers.ts';
import { createStore } from '../../sandbox/create-store.ts';
import { startKubelet, type Kubelet } from '../../sandbox/kubelet/kubelet.ts';
import type { KubeletOptions } from '../../sandbox/kubelet/options.ts';
import type { NewObject, Store, StoredObject } from '../../sandbox/store.ts';
import { turnedClock, type TurnedClock } from '../../sandbox/turned-clock.ts';

/** The embedded cluster without its server, on a clock that stands still. */
export type StoppedCluster = {
  store: Store;
  clock: TurnedClock;
  kubelet: Kubelet;
  create(object: NewObject & { apiVersion: string; kind: string }): StoredObject;
  get(kind: string, name: string): StoredObject | undefined;
  list(kind: string): StoredObject[];
};

const API_VERSIONS: Record<string, string> = {
  Job: 'batch/v1',
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ControllerRevision: 'apps/v1',
};

export function stoppedCluster(options: Partial<KubeletOptions> = {}): StoppedCluster {
  const clock = turnedClock();
  const store = createStore({ clock });
  const kubelet = startKubelet(store, options);
  startControllers(store);
  const kindOf = (kind: string) => store.kind(API_VERSIONS[kind] ?? 'v1', kind);
  return {
    store,
    clock,
    kubelet,
    create: ({ metadata, ...object }) =>
      store.create(store.kind(object.apiVersion, object.kind), 'default', { ...object, metadata: { name: 'it', ...metadata } }),
    get: (kind, name) => store.get(kindOf(kind), kindOf(kind).namespaced ? 'default' : undefined, name),
    list: (kind) => store.list(kindOf(kind), 'default'),
  };
}

/** Annotations for the simulated kubelet: `{ run: '3s' }`. */
export function scripted(script: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(script).map(([name, value]) => [`sandbox.fieldtrial.dev/${name}`, value]));
}

/** A pod template with one container `main`. */
export function template(script: Record<string, string> = {}, spec: Record<string, unknown> = {}, labels?: Record<string, string>) {
  return {
    metadata: { annotations: scripted(script), ...(labels && { labels }) },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
  };
}
