import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from './audit.ts';
import { benchCluster } from './cluster.ts';
import { figures, type Measurements } from './figures.ts';
import { formatTable } from './format-table.ts';
import type { Load } from './loads.ts';
import { measureCommands, measureStart } from './measure-start.ts';
import { measureTrials, type LoadScore, type Stand } from './measure-trials.ts';
import { mean } from './quantile.ts';
import { buildProgram } from './program.ts';

const RESULTS = new URL('results/', import.meta.url).pathname;

const LOADS: readonly (Load & { rounds: number })[] = [
  { kind: 'plain', slots: 1, trials: 14, seconds: 1, rounds: 2 },
  { kind: 'plain', slots: 8, trials: 8, seconds: 1, rounds: 2 },
  { kind: 'plain', slots: 40, trials: 4, seconds: 4, rounds: 2 },
  { kind: 'rollout', slots: 1, trials: 8, seconds: 1, rounds: 2 },
  { kind: 'rollout', slots: 8, trials: 5, seconds: 3, rounds: 2 },
  { kind: 'setup', slots: 8, trials: 3, seconds: 1, rounds: 1 },
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
    const program = await step('build', () => buildProgram(join(folder, 'program')));
    const commands = await step('commands', () => measureCommands(7, { program, folder }));
    const cluster = await step('cluster', () => benchCluster(Math.max(...LOADS.map(({ slots }) => slots)), folder));
    try {
      const stand: Stand = { program, cluster, audit: openAuditLog(cluster.auditLog), folder };
      const starts = await step('start', () => measureStart([0, 1_000, 10_000], stand));
      const loads: LoadScore[] = [];
      for (const { rounds, ...load } of LOADS) {
        loads.push(await step(`${load.kind}, ${load.slots} slots`, () => measureTrials(load, rounds, stand)));
      }
      return { loads, starts, commands };
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function step<Value>(name: string, act: () => Promise<Value>): Promise<Value> {
  const began = performance.now();
  const value = await act();
  process.stderr.write(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  return value;
}

async function store(table: string, measurements: Measurements): Promise<void> {
  const date = startedAt.toISOString().slice(0, 10);
  const head = `# Speed on ${date}\n\n${describeMachine(measurements)}\n\n`;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, `${date}.json`), `${JSON.stringify({ startedAt, machine, ...measurements }, undefined, 2)}\n`);
  await writeFile(join(RESULTS, 'latest.md'), `${head}${table}`);
}

function describeMachine({ loads }: Measurements): string {
  const { processor, cores, memory, node, loadAverage } = machine;
  const noise = Math.max(
    ...loads.map(({ floor: { throughput } }) => (Math.max(...throughput) - Math.min(...throughput)) / mean(throughput)),
  );
  return (
    `${cores} cores of ${processor}, ${memory}, Node ${node}; load average ${loadAverage} before it began. ` +
    `The floor's own throughput differed by up to ${(noise * 100).toFixed(0)} % between two rounds.`
  );
}
