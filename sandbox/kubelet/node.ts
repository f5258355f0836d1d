import { timestamp } from '../timestamp.ts';
import { writeStatus } from '../controllers/write-status.ts';
import type { Store } from '../store.ts';
import type { Capacity } from './insufficient-resources.ts';
import { HOST_IP } from './pod-status.ts';

/** Registers the only node, Ready. */
export function registerNode(store: Store, name: string, offered: Capacity): void {
  const kind = store.kind('v1', 'Node');
  const now = timestamp(store.clock.now());
  const node =
    store.get(kind, undefined, name) ??
    store.create(kind, undefined, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    });
  const capacity = { ...offered, pods: '1000' };
  writeStatus(store, node, {
    addresses: [
      { type: 'InternalIP', address: HOST_IP },
      { type: 'Hostname', address: name },
    ],
    allocatable: capacity,
    capacity,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastHeartbeatTime: now,
        lastTransitionTime: now,
      },
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'simulated://1',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.3',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'Fieldtrial sandbox',
      systemUUID: '',
    },
  });
}
