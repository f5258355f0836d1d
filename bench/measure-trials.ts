import { join } from 'node:path';
import type { AuditEvent, AuditLog } from './audit.ts';
import { HOME, type BenchCluster, type Contestant } from './cluster.ts';
import { drive, type Drive } from './drive.ts';
import { repositoryFiles, slotNames, type Load } from './loads.ts';
import { mean, median, quantile } from './quantile.ts';
import { createRepository } from './repository.ts';
import { conflicts, pauses, reactions, requestsPerTrial, throughput, trialTimes, type TrialTimes } from './trial-times.ts';

const FLOOR = new URL('floor.ts', import.meta.url).pathname;

/** Where measurements find and leave things. */
export type Stand = { program: string; cluster: BenchCluster; audit: AuditLog; folder: string };

export type Spread = { p50: number; p95: number };

/** What one contestant did with a load, all rounds together. */
export type Score = {
  trials: number;
  /** Seconds that a slot stood still between two trials. */
  pause: Spread;
  /** Seconds between a rollout's end and the Job. */
  reaction: Spread;
  /** Trials per second, round by round. */
  throughput: number[];
  requests: number;
  requestsByVerb: Record<string, number>;
  conflicts: number;
  /** Per trial. */
  cpuSeconds: number;
  /** MiB. */
  peakMemory: number;
  /** The least number of seconds between two pushes of records, but for the last, which waits for nothing; absent where there were none. */
  pushGap?: number;
};

export type LoadScore = { load: Load; floor: Score; runner: Score };

type Round = Drive & { times: TrialTimes[]; events: AuditEvent[]; user: string };

/** Lets the floor and the runner do the same load in turns (A B A B), so that whatever else the machine does meets both. */
export async function measureTrials(load: Load, rounds: number, stand: Stand): Promise<LoadScore> {
  const floor: Round[] = [];
  const runner: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const run = `${load.kind}-${load.slots}-${round}`;
    floor.push(await observe(stand.cluster.floor, stand.audit, () => driveFloor(load, stand.cluster.floor, run)));
    const repository = await createRepository(join(stand.folder, `${run}.git`), repositoryFiles(load));
    runner.push(await observe(stand.cluster.runner, stand.audit, () => driveRunner(load, repository, stand)));
  }
  return { load, floor: score(floor), runner: score(runner) };
}

function driveFloor(load: Load, { access }: Contestant, run: string): Promise<Drive> {
  return drive([FLOOR, JSON.stringify({ access, load, run })]);
}

/** What the image sets: V8 lets its young generation grow with the memory of the machine, far beyond what it gains. */
const ENVIRONMENT = { NODE_OPTIONS: '--max-semi-space-size=8' };

/** `fieldtrial run` over the first slots, with its defaults. */
export function driveRunner(
  { slots, trials }: Pick<Load, 'slots' | 'trials'>,
  repository: string,
  { program, cluster }: Stand,
): Promise<Drive> {
  const where = ['--kubeconfig', cluster.runner.kubeconfig, '-n', HOME, '--slots', slotNames(slots).join(',')];
  return drive([program, 'run', repository, ...where, '--max-trials', String(slots * trials), '-o', 'json'], ENVIRONMENT);
}

/** Runs something and takes what the audit log says of its user meanwhile. */
export async function observe({ user }: Contestant, audit: AuditLog, act: () => Promise<Drive>): Promise<Round> {
  await audit.newEvents();
  const driven = await act();
  const events = await audit.newEvents();
  return { ...driven, times: trialTimes(events, user), events, user };
}

function score(rounds: readonly Round[]): Score {
  const trials = rounds.reduce((sum, round) => sum + round.trials, 0);
  const requestsByVerb = meanCounts(rounds.map(({ events, times, user }) => requestsPerTrial(events, times, user)));
  return {
    trials,
    pause: spread(rounds.flatMap(({ times }) => pauses(times))),
    reaction: spread(rounds.flatMap(({ times }) => reactions(times))),
    throughput: rounds.map(({ times }) => throughput(times)),
    requests: Object.values(requestsByVerb).reduce((sum, count) => sum + count, 0),
    requestsByVerb,
    conflicts: rounds.reduce((sum, { events, user }) => sum + conflicts(events, user), 0),
    cpuSeconds: rounds.reduce((sum, round) => sum + round.cpuSeconds, 0) / trials,
    peakMemory: Math.max(...rounds.map(({ peakMemory }) => peakMemory)),
    ...least(rounds.flatMap(({ pushes }) => gaps(pushes.slice(0, -1)))),
  };
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => (time - times[index]!) / 1000);
}

function least(pushGaps: readonly number[]): Pick<Score, 'pushGap'> {
  return pushGaps.length === 0 ? {} : { pushGap: Math.min(...pushGaps) };
}

function spread(numbers: readonly number[]): Spread {
  return { p50: median(numbers), p95: quantile(numbers, 0.95) };
}

function meanCounts(counts: readonly Record<string, number>[]): Record<string, number> {
  const keys = new Set(counts.flatMap((each) => Object.keys(each)));
  return Object.fromEntries([...keys].map((key) => [key, mean(counts.map((each) => each[key] ?? 0))]));
}
