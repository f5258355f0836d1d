import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import { LABELS } from '../model/names.ts';
import { withoutClaims } from './claims.ts';
import { untilHopeless } from './hopeless-release.ts';
import { releaseWorkloads } from './release-workloads.ts';

/** Runs helm with these arguments; resolves with its standard output, rejects with its standard error when it exits with another code than 0. */
export type RunHelm = (args: readonly string[], signal: AbortSignal) => Promise<string>;

export type Release = { release: string; namespace: string; timeoutSeconds: number };

/** As helm takes it: a path, an `oci://` reference, or a name and its repository's address. */
export type ChartLocation = { chart: string; repository?: string; version?: string };

export type Installation = Release & {
  chart: ChartLocation;
  /** Paths, in order: a later one wins over an earlier one. */
  valuesFiles: string[];
  /** These win over every file. */
  values: { name: string; value: unknown; forceString: boolean }[];
  labels: Record<string, string>;
};

export type HelmDeps = { helm: RunHelm; cluster(): Promise<Cluster>; clock: Clock; say: (line: string) => void };

/**
 * Installs a chart and waits until it is ready. A release left behind by one of our trials, or stuck in a `pending-…` state, is
 * uninstalled first; one of somebody else is not touched and fails with `SlotDirty`. Says which version of a chart from elsewhere it was.
 */
export async function installChart(release: Installation, deps: HelmDeps, signal: AbortSignal): Promise<void> {
  const { helm, say } = deps;
  const left = await findRelease(release, helm, signal);
  if (left !== undefined) {
    if (!left.ours && !left.status.startsWith('pending')) {
      const message = `release "${release.release}" in namespace ${release.namespace} was not installed by a trial; uninstall it or rename the setup task`;
      throw new StageFailure('setup-create', 'SlotDirty', message);
    }
    say(`uninstalling release ${release.release}, left behind (${left.status})`);
    await uninstall(release, deps, signal);
  }
  const labels = Object.entries(release.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  await unlessHopeless(
    release,
    [
      'upgrade',
      '--install',
      release.release,
      release.chart.chart,
      ...optional('--repo', release.chart.repository),
      ...optional('--version', release.chart.version),
      '--namespace',
      release.namespace,
      '--wait',
      '--timeout',
      `${release.timeoutSeconds}s`,
      '--labels',
      labels,
      ...release.valuesFiles.flatMap((file) => ['--values', file]),
      ...release.values.flatMap(setArguments),
    ],
    deps,
    signal,
  );
  say(`installed release ${release.release}`);
  if (isFromElsewhere(release.chart)) await sayVersion(release, deps, signal);
}

/** Without a version helm takes the newest one, and of a range the newest in it. The release is there, whether this can be told or not. */
async function sayVersion(release: Release, { helm, say }: Pick<HelmDeps, 'helm' | 'say'>, signal: AbortSignal): Promise<void> {
  try {
    const installed = await findRelease(release, helm, signal);
    say(`release ${release.release} is of chart ${installed?.chart ?? 'unknown'}`);
  } catch (error) {
    signal.throwIfAborted();
    say(`which version of its chart release ${release.release} is of cannot be told: ${(error as Error).message}`);
  }
}

function isFromElsewhere({ chart, repository }: ChartLocation): boolean {
  return repository !== undefined || chart.startsWith('oci://');
}

/** Helm's end, or what makes it pointless to wait for it, whichever comes first. */
async function unlessHopeless(release: Release, args: readonly string[], deps: HelmDeps, signal: AbortSignal): Promise<void> {
  const decided = new AbortController();
  const scoped = AbortSignal.any([signal, decided.signal]);
  const installing = deps.helm(args, scoped);
  const looking = deps.cluster().then((cluster) => untilHopeless(release, { ...deps, cluster }, scoped));
  try {
    await Promise.race([installing, looking]);
  } finally {
    decided.abort(new Error('helm has ended, or need not go on'));
    await Promise.allSettled([installing, looking]);
  }
}

/**
 * Uninstalls the release of installChart and waits until its objects are gone, and the claims of its StatefulSets; one that is not there,
 * or is somebody else's, is fine.
 */
export async function uninstallChart(release: Release, deps: HelmDeps, signal: AbortSignal): Promise<void> {
  const { helm, say } = deps;
  const left = await findRelease(release, helm, signal);
  if (left === undefined || !left.ours) {
    say(left === undefined ? `release ${release.release} is not there` : `left release ${release.release}: no trial installed it`);
    return;
  }
  await uninstall(release, deps, signal);
  say(`uninstalled release ${release.release}`);
}

/**
 * Helm 4's own way of waiting takes an object that it has not looked at yet for one that is gone (statusObserver in pkg/kube/statuswait.go),
 * and so ends early, with or without an error; the legacy way asks for each object until it is gone.
 */
async function uninstall({ release, namespace, timeoutSeconds }: Release, { helm, ...deps }: HelmDeps, signal: AbortSignal): Promise<void> {
  const cluster = await deps.cluster();
  const statefulSets = await releaseWorkloads(['StatefulSet'], { release, namespace }, cluster, signal);
  const remove = async () => {
    await helm(
      ['uninstall', release, '--namespace', namespace, '--wait=legacy', '--cascade', 'foreground', '--timeout', `${timeoutSeconds}s`],
      signal,
    );
  };
  await withoutClaims(statefulSets, remove, { ...deps, cluster }, signal);
}

function optional(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [flag, value];
}

/** What helm knows of a release; `chart` is the chart's name and version, such as `postgresql-16.2.1`. */
type KnownRelease = { status: string; chart: string; ours: boolean };

/** Helm 3's `--all`, which helm 4 does not know any more. */
const EVERY_STATE = ['--deployed', '--failed', '--pending', '--superseded', '--uninstalled', '--uninstalling'];

async function findRelease({ release, namespace }: Release, helm: RunHelm, signal: AbortSignal): Promise<KnownRelease | undefined> {
  const escaped = release.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const list = async (...more: string[]) =>
    JSON.parse(
      await helm(['list', '--namespace', namespace, ...EVERY_STATE, '--filter', `^${escaped}$`, '--output', 'json', ...more], signal),
    ) as Omit<KnownRelease, 'ours'>[];
  const [found] = await list();
  if (found === undefined) return undefined;
  // helm prints no labels, but it selects by them.
  return { status: found.status, chart: found.chart, ours: (await list('--selector', LABELS.experiment)).length > 0 };
}

/**
 * One flag a value, as JSON: it keeps types, and text stays what it is where helm's own syntax would take it apart at commas and braces.
 * `forceString` makes text.
 */
export function setArguments({ name, value, forceString }: Installation['values'][number]): string[] {
  return ['--set-json', `${name}=${JSON.stringify(forceString ? String(value) : value)}`];
}
