import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { historyLike } from './history.ts';
import { experimentFile, repositoryFiles } from './loads.ts';
import { driveRunner, observe, type Stand } from './measure-trials.ts';
import { median } from './quantile.ts';
import { checkOut, commitFiles, createRepository, readCommitted } from './repository.ts';

const RESULTS = 'fieldtrial/results';

export type StartScore = {
  records: number;
  /** From the start of the process to the request that creates the first trial's Job. */
  seconds: number;
  /** MiB. */
  peakMemory: number;
};

/** Begins one trial on top of ever more records of the same experiment. */
export async function measureStart(counts: readonly number[], stand: Stand): Promise<StartScore[]> {
  const load = { kind: 'plain', slots: 1, trials: 1, seconds: 0.1 } as const;
  const one = await createRepository(join(stand.folder, 'start.git'), repositoryFiles(load));
  const scores: StartScore[] = [];
  await driveRunner(load, one, stand);
  const record = await readCommitted(one, RESULTS, 'experiments/plain/trials/001.yaml');
  for (const records of counts) {
    const repository = join(stand.folder, `start-${records}.git`);
    if (records === 0) await createRepository(repository, repositoryFiles(load));
    else await cp(one, repository, { recursive: true });
    if (records > 1) await commitFiles(repository, RESULTS, historyLike(record, records));
    const { from, times, peakMemory } = await observe(stand.cluster.runner, stand.audit, () => driveRunner(load, repository, stand));
    scores.push({ records, seconds: ((times[0]?.created ?? NaN) - from) / 1000, peakMemory });
  }
  return scores;
}

export type CommandScore = { help: number; validate: number; node: number };

/** Seconds of `--help`, of `validate` with 100 experiments and of node alone; medians, in turns. */
export async function measureCommands(times: number, { program, folder }: Pick<Stand, 'program' | 'folder'>): Promise<CommandScore> {
  const names = Array.from({ length: 100 }, (_, index) => `sizing-${index + 1}`);
  const files = names.map((name) => [
    `experiments/${name}/experiment.yaml`,
    experimentFile({ kind: 'rollout', slots: 8, seconds: 1 }, name),
  ]);
  const repository = await createRepository(join(folder, 'hundred.git'), Object.fromEntries(files));
  const work = await checkOut(repository, 'main');
  const help: number[] = [];
  const validate: number[] = [];
  const node: number[] = [];
  // The first of each fills the compile cache and does not count.
  for (let round = 0; round <= times; round += 1) {
    node.push(await seconds(['--eval', '0'], work));
    help.push(await seconds([program, '--help'], work));
    validate.push(await seconds([program, 'validate'], work));
  }
  return { help: median(help.slice(1)), validate: median(validate.slice(1)), node: median(node.slice(1)) };
}

async function seconds(args: readonly string[], cwd: string): Promise<number> {
  const startedAt = performance.now();
  await promisify(execFile)(process.execPath, args, { cwd });
  return (performance.now() - startedAt) / 1000;
}
