import type { ImageScore } from './measure-image.ts';
import type { IdleScore } from './measure-idle.ts';
import type { LoadScore, Score } from './measure-trials.ts';
import type { CommandScore, StartScore } from './measure-start.ts';
import { mean } from './quantile.ts';

export type Measurements = {
  loads: LoadScore[];
  sandbox: LoadScore[];
  starts: StartScore[];
  idle: IdleScore;
  commands: CommandScore;
  /** Absent where no image can be built. */
  image?: ImageScore;
};

/** One line of the table. `unit` follows every number; goals are bounds, inclusive. */
export type Figure = {
  name: string;
  unit: string;
  digits: number;
  runner: number;
  floor?: number;
  /** The system that this one follows, beside the same floor. */
  ancestor?: string;
  goal?: { most: number } | { least: number };
};

const SECONDS = { unit: ' s', digits: 3 };
const MEMORY = { unit: ' MB', digits: 0 };

export function figures({ loads, sandbox, starts, idle, commands, image }: Measurements): Figure[] {
  const of = (kind: string, slots: number) => loads.filter(({ load }) => load.kind === kind && load.slots === slots);
  return [
    ...of('plain', 1).map((score) => added('plain trial, 1 slot', score, 'p50', { ancestor: '0.06 s', goal: { most: 0.03 } })),
    ...of('plain', 1).map((score) => added('plain trial, 1 slot', score, 'p95')),
    ...of('plain', 8).map((score) => added('plain trial, 8 slots', score, 'p50', { ancestor: '2.05 s' })),
    ...of('plain', 8).map((score) => added('plain trial, 8 slots', score, 'p95')),
    ...of('plain', 40).map((score) => added('plain trial, 40 slots', score, 'p50')),
    ...of('plain', 40).map((score) => added('plain trial, 40 slots', score, 'p95', { goal: { most: 0.1 } })),
    ...[1, 8].flatMap((slots) =>
      of('rollout', slots).flatMap((score) => [
        added(`trial with a rollout, ${slotCount(slots)}`, score, 'p50'),
        added(`trial with a rollout, ${slotCount(slots)}`, score, 'p95'),
        reaction(slots, score),
      ]),
    ),
    ...loads.map(throughputRatio),
    ...fastest(loads),
    ...sandbox.flatMap(onSandbox),
    ...requests(loads),
    ...largest(loads, ({ trials }) => trials).flatMap(pushes),
    idleRequests(idle),
    ...cpu(loads),
    ...loads.filter(({ load }) => load.kind === 'plain' && load.slots > 1).map(memory),
    ...starts.flatMap(start),
    { name: '`validate` of 100 experiments', ...SECONDS, runner: commands.validate, goal: { most: 1 } },
    { name: '`--help`', ...SECONDS, runner: commands.help, floor: commands.node, goal: { most: 0.15 } },
    ...(image ? ofImage(image) : []),
  ];
}

function ofImage({ size, transfer, help, node }: ImageScore): Figure[] {
  return [
    { name: 'image, unpacked', ...MEMORY, runner: size },
    { name: 'image, compressed', ...MEMORY, runner: transfer },
    { name: '`--help` in the image', ...SECONDS, runner: help, floor: node, goal: { most: 0.15 } },
  ];
}

function slotCount(slots: number): string {
  return `${slots} slot${slots === 1 ? '' : 's'}`;
}

function added(what: string, { floor, runner }: LoadScore, at: 'p50' | 'p95', more: Pick<Figure, 'ancestor' | 'goal'> = {}): Figure {
  return { name: `added per ${what}, ${at}`, ...SECONDS, runner: runner.pause[at] - floor.pause[at], ...more };
}

function reaction(slots: number, { floor, runner }: LoadScore): Figure {
  const name = `rollout ready until Job, ${slotCount(slots)}, p95`;
  return { name, ...SECONDS, runner: runner.reaction.p95, floor: floor.reaction.p95, ancestor: '0.3–5 s', goal: { most: 0.2 } };
}

function throughputRatio({ load, floor, runner }: LoadScore): Figure {
  const ratio = mean(runner.throughput) / mean(floor.throughput);
  const name = `throughput, ${load.kind}, ${slotCount(load.slots)}, Jobs of about ${load.seconds} s`;
  return { name, unit: ' %', digits: 1, runner: ratio * 100, floor: 100, goal: { least: 95 } };
}

/** The ancestor's, whatever it had to do, since it worked off all trials one after the other. */
const ANCESTOR_THROUGHPUT = '≤ 1.3 /s';

function fastest(loads: readonly LoadScore[]): Figure[] {
  const [most] = loads.toSorted((a, b) => mean(b.runner.throughput) - mean(a.runner.throughput));
  if (most === undefined) return [];
  const { load, floor, runner } = most;
  const name = `trials per second, ${load.kind}, ${slotCount(load.slots)}`;
  return [{ name, unit: ' /s', digits: 1, runner: mean(runner.throughput), floor: mean(floor.throughput), ancestor: ANCESTOR_THROUGHPUT }];
}

const PUSH_INTERVAL = 5;

function pushes({ load, runner: { pushGap } }: LoadScore): Figure[] {
  const name = `between two pushes of records, ${load.kind}, ${slotCount(load.slots)}, at least`;
  return pushGap === undefined ? [] : [{ name, unit: ' s', digits: 1, runner: pushGap, goal: { least: PUSH_INTERVAL } }];
}

function onSandbox(score: LoadScore): Figure[] {
  const { kind, slots } = score.load;
  const what = `${kind === 'plain' ? 'plain trial' : 'trial with a rollout'} on the sandbox, ${slotCount(slots)}`;
  return [added(what, score, 'p50'), added(what, score, 'p95')];
}

function idleRequests({ slots, requestsByVerb }: IdleScore): Figure {
  const perSecond = Object.values(requestsByVerb).reduce((sum, rate) => sum + rate, 0);
  return { name: `requests per second and idle slot, ${slotCount(slots)}`, unit: '', digits: 2, runner: perSecond, goal: { most: 1 } };
}

const ANCESTOR_REQUESTS = { plain: '21', rollout: '28', setup: '39' };
const MOST_REQUESTS = { plain: 12, rollout: 15, setup: 22 };

function requests(loads: readonly LoadScore[]): Figure[] {
  const most = largest(loads, ({ requests }) => requests);
  const conflicts = loads.reduce((sum, { runner }) => sum + runner.conflicts, 0);
  return [
    ...most.map(({ load: { kind }, floor, runner }): Figure => {
      const bounds = { ancestor: ANCESTOR_REQUESTS[kind], goal: { most: MOST_REQUESTS[kind] } };
      return { name: `requests per trial, ${kind}`, unit: '', digits: 1, runner: runner.requests, floor: floor.requests, ...bounds };
    }),
    { name: 'conflicts, all trials', unit: '', digits: 0, runner: conflicts, ancestor: 'up to 40 % of requests', goal: { most: 0 } },
  ];
}

const ANCESTOR_CPU = { plain: '0.04 s', rollout: '0.06 s', setup: '0.08 s' };

function cpu(loads: readonly LoadScore[]): Figure[] {
  return largest(loads, ({ trials }) => trials).map(({ load: { kind, slots }, floor, runner }) => ({
    name: `CPU per trial, ${kind}, ${slotCount(slots)}`,
    ...SECONDS,
    runner: runner.cpuSeconds,
    floor: floor.cpuSeconds,
    ancestor: ANCESTOR_CPU[kind],
  }));
}

/** Of each kind the one whose runner has most of something. */
function largest(loads: readonly LoadScore[], rank: (score: Score) => number): LoadScore[] {
  const kinds = Map.groupBy(loads, ({ load }) => load.kind);
  return [...kinds.values()].map((own) => own.toSorted((a, b) => rank(b.runner) - rank(a.runner))[0]!);
}

function memory({ load, floor, runner }: LoadScore): Figure {
  return {
    name: `peak memory, ${slotCount(load.slots)}`,
    ...MEMORY,
    runner: runner.peakMemory,
    floor: floor.peakMemory,
    ancestor: '56–70 MB',
  };
}

function start({ records, seconds, peakMemory }: StartScore): Figure[] {
  const count = records.toLocaleString('en');
  const large = records >= 10_000;
  return [
    { name: `start until first Job, ${count} records in git`, ...SECONDS, runner: seconds, ...(large && { goal: { most: 5 } }) },
    { name: `peak memory, ${count} records in git`, ...MEMORY, runner: peakMemory, ...(large && { goal: { most: 250 } }) },
  ];
}
