import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { benchCluster } from './cluster.ts';
import { figures, type Measurements } from './figures.ts';
import { formatRequests } from './format-requests.ts';
import { formatTable } from './format-table.ts';
import type { Load } from './loads.ts';
import { measureImage } from './measure-image.ts';
import { measureIdle } from './measure-idle.ts';
import { measureCommands, measureStart } from './measure-start.ts';
import { measureTrials, type LoadScore, type Stand } from './measure-trials.ts';
import { mean } from './quantile.ts';
import { packageProgram } from '../scripts/package-program.ts';
import { sandboxStand } from './sandbox-stand.ts';

const RESULTS = new URL('results/', import.meta.url).pathname;
const PAGE = new URL('../docs/performance.md', import.meta.url).pathname;
const BEGIN = '<!-- figures: begin -->';
const END = '<!-- figures: end -->';

/** Whose requests are listed by verb. */
const LARGEST = [
  ['plain', 40],
  ['rollout', 8],
  ['setup', 8],
] as const;

const LOADS: readonly (Load & { rounds: number })[] = [
  { kind: 'plain', slots: 1, trials: 14, seconds: 1, rounds: 2 },
  { kind: 'plain', slots: 8, trials: 8, seconds: 1, rounds: 2 },
  { kind: 'plain', slots: 40, trials: 4, seconds: 4, rounds: 2 },
  { kind: 'rollout', slots: 1, trials: 8, seconds: 1, rounds: 2 },
  { kind: 'rollout', slots: 8, trials: 5, seconds: 3, rounds: 2 },
  { kind: 'setup', slots: 8, trials: 3, seconds: 1, rounds: 1 },
];

/** On the embedded cluster, whose controllers and kubelet answer within milliseconds: what is left is the runner's own. */
const SANDBOX_LOADS: typeof LOADS = [
  { kind: 'plain', slots: 1, trials: 14, seconds: 1, rounds: 2 },
  { kind: 'plain', slots: 8, trials: 8, seconds: 1, rounds: 2 },
  { kind: 'plain', slots: 40, trials: 4, seconds: 4, rounds: 2 },
  { kind: 'rollout', slots: 8, trials: 5, seconds: 3, rounds: 1 },
];

const startedAt = new Date();
const machine = {
  processor: cpus()[0]?.model,
  cores: availableParallelism(),
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version,
  /** What others did on the machine when the measurement began. */
  loadAverage: Number(loadavg()[0]?.toFixed(2)),
};
const measurements = await measure();
const table = formatTable(figures(measurements));
await store(table, measurements);
process.stdout.write(table);

async function measure(): Promise<Measurements> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-bench-'));
  try {
    const program = await step('build', () => packageProgram(join(folder, 'program')));
    const commands = await step('commands', () => measureCommands(7, { program, folder }));
    const image = await step('image', () => measureImage(7, folder));
    const sandbox = await onSandbox(program, folder);
    const { cluster, audit } = await step('cluster', () => benchCluster(mostSlots(LOADS), folder));
    try {
      const stand: Stand = { program, cluster, audit, folder };
      const starts = await step('start', () => measureStart([0, 1_000, 10_000], stand));
      const idle = await step('idle', () => measureIdle(4, 40, stand));
      return { loads: await measureLoads(LOADS, stand), sandbox, starts, idle, commands, ...(image && { image }) };
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onSandbox(program: string, folder: string): Promise<LoadScore[]> {
  const own = join(folder, 'sandbox');
  await mkdir(own);
  const { cluster, audit } = await step('sandbox', () => sandboxStand(mostSlots(SANDBOX_LOADS), own));
  try {
    return await measureLoads(SANDBOX_LOADS, { program, cluster, audit, folder: own });
  } finally {
    await cluster.stop();
  }
}

async function measureLoads(loads: typeof LOADS, stand: Stand): Promise<LoadScore[]> {
  const scores: LoadScore[] = [];
  for (const { rounds, ...load } of loads) {
    scores.push(await step(`${load.kind}, ${load.slots} slots`, () => measureTrials(load, rounds, stand)));
  }
  return scores;
}

function mostSlots(loads: typeof LOADS): number {
  return Math.max(...loads.map(({ slots }) => slots));
}

async function step<Value>(name: string, act: () => Promise<Value>): Promise<Value> {
  const began = performance.now();
  const value = await act();
  process.stderr.write(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  return value;
}

async function store(table: string, measurements: Measurements): Promise<void> {
  const date = startedAt.toISOString().slice(0, 10);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, `${date}.json`), `${JSON.stringify({ startedAt, machine, ...measurements }, undefined, 2)}\n`);
  const largest = LARGEST.flatMap(([kind, slots]) => measurements.loads.filter(({ load }) => load.kind === kind && load.slots === slots));
  const section = [describeMachine(date, measurements), table, formatRequests(largest, measurements.idle)].join('\n');
  await writeFile(PAGE, replaceSection(await readFile(PAGE, 'utf8'), section));
}

/** The page keeps its text; only what stands between its two marks is measured. */
function replaceSection(page: string, section: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for figures: "${BEGIN}" … "${END}"`);
  return `${before}${BEGIN}\n\n${section}\n${END}${after}`;
}

function describeMachine(date: string, { loads }: Measurements): string {
  const { processor, cores, memory, node, loadAverage } = machine;
  const noise = Math.max(
    ...loads.map(({ floor: { throughput } }) => (Math.max(...throughput) - Math.min(...throughput)) / mean(throughput)),
  );
  return (
    `Measured on ${date} with ${cores} cores of ${processor}, ${memory}, Node ${node}; load average ${loadAverage} before it began. ` +
    `The floor's own throughput differed by up to ${(noise * 100).toFixed(0)} % between two rounds.\n`
  );
}
