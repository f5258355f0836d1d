import { createHash } from 'node:crypto';

/** The name that a container runtime gives to one start of a container. */
export function containerId(podUid: string, container: string, restarts: number): string {
  return `containerd://${createHash('sha256').update(`${podUid} ${container} ${restarts}`).digest('hex')}`;
}
