import type { StoreClock } from '../store.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { readScript, type ContainerExit } from './container-script.ts';
import type { KubeletOptions } from './options.ts';

/** Containers that only do what the annotations of their pods say, on the cluster's clock. */
export function scriptedRuntime(clock: StoreClock, options: KubeletOptions): ContainerRuntime {
  return ({ pod, container, write, exited }) => {
    const script = readScript(pod, container.name, options);
    if (script.plan === 'refuse') return { refused: script.message };
    if (script.log !== '') write(script.log.endsWith('\n') ? script.log : `${script.log}\n`);

    let cancel = script.duration === undefined ? () => {} : clock.after(script.duration, () => exited(script.exit));
    return {
      stop(grace) {
        cancel();
        const isKilled = script.stopAfter > grace;
        cancel = clock.after(Math.min(script.stopAfter, grace), () => exited(isKilled ? KILLED : STOPPED));
      },
    };
  };
}

/** By SIGTERM, by SIGKILL. */
const STOPPED: ContainerExit = { exitCode: 143, reason: 'Error' };
const KILLED: ContainerExit = { exitCode: 137, reason: 'Error' };
