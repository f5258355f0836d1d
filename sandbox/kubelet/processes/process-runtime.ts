import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import type { Store, StoredObject } from '../../store.ts';
import type { ContainerRuntime } from '../container-runtime.ts';
import type { KubeletOptions } from '../options.ts';
import { containerEnvironment } from './container-environment.ts';
import { makePodFolders, replaceMounts, type PodFolders } from './container-folders.ts';
import { expandReferences } from './expand-references.ts';
import { guardFolder } from './guard-folder.ts';
import { startWatchedProcess, type WatchedProcess } from './watched-process.ts';

/**
 * Runs containers as processes of this machine, for demonstrations. Their image is not looked at: `command` has to be there on this
 * machine. They see the variables of their container and hardly any others, and work in a temporary folder. As nothing can be mounted, the
 * host's folder is put in place of each mountPath in command, args, workingDir and values of variables; output of the process names the
 * host's folders. All folders lie in one, which goes when this process ends, with all that still runs.
 */
export function processRuntime(
  store: Store,
  { processPath, processVariables }: Pick<KubeletOptions, 'processPath' | 'processVariables'>,
): { runtime: ContainerRuntime; stop(): Promise<void> } {
  const root = mkdtempSync(join(tmpdir(), 'fieldtrial-sandbox-'));
  const guard = guardFolder(root);
  const processes = new Set<WatchedProcess>();
  const folders = new Map<string, PodFolders>();

  const unsubscribe = store.subscribe(({ type, kind, object }) => {
    if (type === 'DELETED' && kind.plural === 'pods') removeFolders(object);
  });

  function foldersOf(pod: StoredObject): PodFolders | { refused: string } {
    const known = folders.get(pod.metadata.uid);
    if (known !== undefined) return known;
    const made = makePodFolders(store, pod, root);
    if (!('refused' in made)) folders.set(pod.metadata.uid, made);
    return made;
  }

  function removeFolders({ metadata }: StoredObject): void {
    folders.get(metadata.uid)?.remove();
    folders.delete(metadata.uid);
  }

  const runtime: ContainerRuntime = ({ pod, container, write, exited }) => {
    const environment = containerEnvironment(store, pod, container);
    if ('refused' in environment) return environment;
    const podFolders = foldersOf(pod);
    if ('refused' in podFolders) return podFolders;

    const mounts = podFolders.mountsOf(container);
    const localize = (text: string) => replaceMounts(text, mounts);
    const { variables } = environment;
    const [program, ...args] = [...container.command, ...(container.args ?? [])].map((text: string) =>
      localize(expandReferences(text, variables)),
    );
    const wantedFolder = localize(container.workingDir ?? '');
    let cancelKill = () => {};
    const running = startWatchedProcess({
      root,
      command: [program!, ...args],
      environment: {
        ...basicVariables(pod, podFolders.workingFolder, processPath),
        ...Object.fromEntries(Object.entries({ ...processVariables, ...variables }).map(([name, value]) => [name, localize(value)])),
      },
      folder: existsSync(wantedFolder) ? wantedFolder : podFolders.workingFolder,
      write,
      exited: (exitCode) => {
        processes.delete(running);
        cancelKill();
        exited({ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' });
      },
    });
    processes.add(running);
    return {
      stop(grace) {
        if (grace === 0) return running.kill();
        running.terminate();
        cancelKill = store.clock.after(grace, running.kill);
      },
    };
  };

  return {
    runtime,
    async stop() {
      unsubscribe();
      for (const running of processes) running.kill();
      await guard.remove();
    },
  };
}

/** What every container has. This Node is the one that programs find. */
function basicVariables({ metadata }: StoredObject, home: string, programs: readonly string[]): Record<string, string> {
  const path = [...programs, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
  return { PATH: path, HOME: home, HOSTNAME: metadata.name, TMPDIR: home };
}
