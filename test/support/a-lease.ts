import type { KubeObject } from '../../runner/cluster/port.ts';
import { SLOT_LEASE } from '../../runner/slots/slot-lease.ts';

export type LeaseFields = {
  slot?: string;
  /** Absent: nobody holds it. */
  holder?: string;
  renewTime?: string;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
};

/** The Lease of the slot `shop`. */
export function aLease({
  slot = 'shop',
  holder = '',
  renewTime = '2026-01-01T00:00:00.000000Z',
  annotations,
  labels,
}: LeaseFields = {}): KubeObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: SLOT_LEASE, namespace: slot, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: { holderIdentity: holder, leaseDurationSeconds: 60, renewTime, leaseTransitions: 0 },
  };
}
