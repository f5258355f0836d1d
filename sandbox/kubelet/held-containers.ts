import type { StoredObject } from '../store.ts';
import type { ContainerRun, ContainerState } from './pod-run.ts';

export type Notice = { type: 'Normal' | 'Warning'; reason: string; message: string };

/** Why a container waits, and what the kubelet tells of it in events. */
export type Held = { state: ContainerState; notices: readonly Notice[] };

/** The first time that an image cannot be pulled. */
export function failedPull({ image }: ContainerRun, why: string): Held {
  const message = pullError(image, why);
  return {
    state: { is: 'waiting', reason: 'ErrImagePull', message },
    notices: [
      { type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` },
      { type: 'Warning', reason: 'Failed', message: `Failed to pull image "${image}": ${message}` },
      { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' },
    ],
  };
}

/** Until it is pulled again, which comes to nothing either. */
export function pullBackOff({ image }: ContainerRun, why: string): Held {
  const message = `Back-off pulling image "${image}"`;
  return {
    state: { is: 'waiting', reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${pullError(image, why)}` },
    notices: [
      { type: 'Normal', reason: 'BackOff', message },
      { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
    ],
  };
}

export function badConfiguration(message: string): Held {
  return {
    state: { is: 'waiting', reason: 'CreateContainerConfigError', message },
    notices: [{ type: 'Warning', reason: 'Failed', message: `Error: ${message}` }],
  };
}

/** `backoff` in milliseconds. */
export function crashLoop({ name }: ContainerRun, { metadata }: StoredObject, backoff: number): Held {
  const pod = `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
  const message = `back-off ${durationText(backoff)} restarting failed container=${name} pod=${pod}`;
  return {
    state: { is: 'waiting', reason: 'CrashLoopBackOff', message },
    notices: [{ type: 'Warning', reason: 'BackOff', message: `Back-off restarting failed container ${name} in pod ${pod}` }],
  };
}

function pullError(image: string, why: string): string {
  return `failed to pull and unpack image "${image}": ${why}`;
}

/** As Go prints durations: 10s, 2m40s. */
function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
