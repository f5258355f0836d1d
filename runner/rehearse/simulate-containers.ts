import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerStart, RunningContainer } from '../../sandbox/kubelet/container-runtime.ts';
import type { Store } from '../../sandbox/store.ts';
import type { Cluster } from '../cluster/port.ts';
import { SETUP_FOLDER, type SetupOrder } from '../lifecycle/setup-jobs.ts';
import { StageFailure } from '../model/errors.ts';
import { LABELS } from '../model/names.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { runSetupTask } from '../setup/run-setup-task.ts';
import type { RehearsalClock } from './rehearsal-clock.ts';

export type ContainerDeps = {
  clock: RehearsalClock;
  store: () => Store;
  cluster: () => Cluster;
  helm: () => RunHelm;
  workdir: string;
  /** Milliseconds that the containers of a trial Job run, unless they sleep for a time that their command says. */
  duration: number;
  /** What a container of a trial Job prints. */
  logOf(trial: string, container: string): string;
  /** A setup task with an image of its own, which nobody can run here. */
  skipped(task: string, image: string): void;
  /** The folder of the charts that come with the runner. */
  ownCharts(): Promise<string>;
  signal: AbortSignal;
};

/**
 * What the containers of a trial do: those of built-in setup tasks carry their order out on the sandbox, those of the trial Job print
 * their log and exit with 0 after a while. All others are left to their annotations.
 */
export function simulateContainers(deps: ContainerDeps): (start: ContainerStart) => RunningContainer | undefined {
  return (start) => {
    const labels = start.pod.metadata.labels ?? {};
    if (labels[LABELS.role] === 'trialRun') return runTrialContainer(start, labels[LABELS.trial] ?? '', deps);
    if (labels[LABELS.role] !== 'trialSetup') return undefined;
    const { name, image, command = [] } = start.container;
    if (command[0] === 'fieldtrial' && command[1] === 'setup') return runBuiltIn(start, deps);
    deps.skipped(name, image);
    return undefined;
  };
}

function runTrialContainer({ container, write, exited }: ContainerStart, trial: string, { clock, duration, logOf }: ContainerDeps) {
  write(logOf(trial, container.name));
  const [command, seconds] = container.command ?? [];
  const sleeps = command === 'sleep' && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : duration;
  return stoppable(
    clock,
    exited,
    clock.after(sleeps, () => exited(COMPLETED)),
  );
}

function runBuiltIn({ pod, container, write, exited }: ContainerStart, deps: ContainerDeps): RunningContainer {
  const stopped = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopped.signal]);
  carryOutOrder(pod, container, (line) => write(`${line}\n`), deps, signal).then(
    (isDone) => exited(isDone ? COMPLETED : FAILED),
    // A bug must not look like a task that hangs.
    (error: unknown) => {
      write(`${String((error as Error).stack)}\n`);
      exited(FAILED);
    },
  );
  return { stop: () => stopped.abort(new Error('the container is stopped')) };
}

/** As `fieldtrial setup` does it; false when the task failed, which its log explains. */
async function carryOutOrder(
  pod: any,
  container: any,
  say: (line: string) => void,
  deps: ContainerDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const variable = (name: string) => container.env?.find((each: any) => each.name === name)?.value;
  const folder = await deps.clock.during(() => mountSetup(pod, container, deps));
  try {
    await runSetupTask(
      { mode: variable('MODE'), name: variable('NAME'), namespace: variable('NAMESPACE'), folder },
      { cluster: async () => deps.cluster(), helm: deps.helm(), ownCharts: deps.ownCharts, clock: deps.clock, say },
      signal,
    );
    return true;
  } catch (error) {
    const { reason, stderr, message } = error as { reason?: unknown; stderr?: unknown; message: string };
    say(typeof stderr === 'string' ? stderr : error instanceof StageFailure ? `${String(reason)}: ${message}` : message);
    return false;
  }
}

/** The folder of the order and what lies beside it, as the container's mounts have it; folders of values files are where they are now. */
async function mountSetup(pod: any, container: any, { store, workdir }: ContainerDeps): Promise<string> {
  await mkdir(workdir, { recursive: true });
  const folder = await mkdtemp(join(workdir, 'setup-'));
  const mounted = new Map<string, string>();
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const source = pod.spec.volumes?.find((volume: any) => volume.name === name)?.configMap;
    const configMap = source && store().get(store().kind('v1', 'ConfigMap'), pod.metadata.namespace, source.name);
    if (configMap === undefined) continue;
    const place = mountPath === SETUP_FOLDER ? folder : join(folder, name);
    await writeConfigMap(configMap, place);
    mounted.set(mountPath, place);
  }
  const orders = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  for (const name of orders) {
    const order = JSON.parse(await readFile(join(folder, name), 'utf8')) as SetupOrder;
    if (order.type !== 'helm') continue;
    const valuesFolders = order.valuesFolders.flatMap((path) => mounted.get(path) ?? []);
    await writeFile(join(folder, name), JSON.stringify({ ...order, valuesFolders }));
  }
  return folder;
}

async function writeConfigMap({ data = {}, binaryData = {} }: any, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [key, text] of Object.entries(data)) await writeFile(join(folder, key), String(text));
  for (const [key, binary] of Object.entries(binaryData)) await writeFile(join(folder, key), Buffer.from(String(binary), 'base64'));
}

function stoppable(clock: RehearsalClock, exited: ContainerStart['exited'], cancel: () => void): RunningContainer {
  return {
    stop() {
      cancel();
      clock.after(0, () => exited({ exitCode: 143, reason: 'Error' }));
    },
  };
}

const COMPLETED = { exitCode: 0, reason: 'Completed' };
const FAILED = { exitCode: 1, reason: 'Error' };
