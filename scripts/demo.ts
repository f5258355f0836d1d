/**
 * `npm run demo [-- --folder DIR]`: the example experiments/compression on an embedded cluster whose Jobs really run here, from a git
 * remote made of this project's experiments, with what came of it. Needs Node and git, and no network.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify, styleText } from 'node:util';
import { recordPath } from '../runner/model/names.ts';
import type { TrialRecord } from '../runner/model/record.ts';
import type { ExperimentStatus } from '../runner/results/experiment-status.ts';
import { compareTrials } from './demo/compare-trials.ts';
import { startDemoCluster } from './demo/demo-cluster.ts';
import { createDemoRepository, DemoGitFailed, type DemoRepository } from './demo/demo-repository.ts';
import { exampleRepository, type ExampleFiles } from './example/example-repository.ts';
import { PROGRAM } from './example/project.ts';
import { showFieldtrial } from './example/show-fieldtrial.ts';

const EXPERIMENT = 'compression';
const SLOTS = ['compression-1', 'compression-2'];
const USAGE = 'usage: npm run demo [-- --folder DIR]; DIR is where the repositories go, empty or not there yet [a temporary folder]';

/** Without what means something to the program that is run. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(FIELDTRIAL_.*|KUBECONFIG)$/.test(name)));

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => ending.abort(name));

const startedAt = Date.now();
const folder = await chooseFolder(process.argv.slice(2));
if (folder === undefined) {
  say(USAGE);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await demonstrate(folder, ending.signal);
  } catch (error) {
    if (ending.signal.aborted) {
      const name = ending.signal.reason as keyof typeof constants.signals;
      say(`\nThe demo was ended by ${name}. Nothing is left running; what was found until then is in ${folder}.`);
      process.exitCode = 128 + constants.signals[name];
    } else if (error instanceof DemoGitFailed) {
      say(error.message);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}

/** Resolves with the exit code; rejects when the signal aborts. */
async function demonstrate(folder: string, signal: AbortSignal): Promise<number> {
  say('Fieldtrial demo: how should orders be compressed before they are archived?\n');
  const files = await exampleRepository();
  const repository = await createDemoRepository(folder, files, environment);
  for (const line of introduce(repository)) say(`  ${line}`);

  const exitCode = await runExperiment(repository, files, signal);
  if (exitCode !== 0) {
    say(`\nThe run failed, for which its last lines say the reason; what was found until then is in ${folder}.`);
    return exitCode ?? 1;
  }
  await repository.fetch();
  await tellResults(repository);
  say(`\nThat took ${Math.round((Date.now() - startedAt) / 1000)} s. Nothing is left running; the repositories stay in ${folder}.`);
  say('The cluster was a stand-in (docs/sandbox.md): npm run example starts a real one, and experiments/README.md shows how to use yours.');
  return 0;
}

async function runExperiment({ remote }: DemoRepository, files: ExampleFiles, signal: AbortSignal): Promise<number | null> {
  const cluster = await startDemoCluster(SLOTS, { experiment: EXPERIMENT, files }, environment);
  try {
    const where = ['--slots', SLOTS.join(), '--kubeconfig', cluster.kubeconfig];
    const run = ['run', remote, '--experiment', EXPERIMENT, ...where];
    return await showFieldtrial(run, { environment: { ...environment, ...cluster.variables }, signal });
  } finally {
    await cluster.close();
  }
}

function introduce({ remote }: DemoRepository): string[] {
  return [
    `repository   ${remote}, made of this project's experiments; its clone is beside it`,
    `experiment   experiments/${EXPERIMENT}: codec, level, batch and heap of an archiver in six trials, today's settings first`,
    'each trial   a setup task brings the load, two patches roll the archiver out, a Job compresses 24,000 orders on this machine',
    'metrics      time (ms of a cpu), size (KiB) and cost ($ a month): less is better',
    `slots        ${SLOTS.join(', ')}: namespaces of a stand-in for Kubernetes, inside this process`,
  ];
}

async function tellResults(repository: DemoRepository): Promise<void> {
  const records = await repository.records(EXPERIMENT);
  const failed = records.filter(({ status }) => status.phase === 'Failed');
  for (const record of failed) tell(`Why ${record.metadata.name} failed, says its record`, explainFailure(record));
  tell('The results are in git, a commit for each trial: git log fieldtrial/results', (await repository.log()).split('\n'));
  tell('Every trial against the baseline, and the best settings', compareTrials(records, await readStatus(repository)));
  const [example = records[0]!] = failed;
  tell('Three commands to try next', [
    'The record of a trial: its log, its numbers with the query of each, the times of its stages',
    `  git -C ${quote(repository.clone)} show origin/fieldtrial/results:${recordPath(EXPERIMENT, example.spec.number)}`,
    'Where the experiment stands, trial by trial',
    `  npm run --silent fieldtrial -- status ${EXPERIMENT} --repository ${quote(repository.remote)}`,
    'What a trial is on a cluster: its Jobs and patches, rendered, and all that they touch',
    `  npm run --silent fieldtrial -- plan ${EXPERIMENT} --repository ${quote(repository.remote)}`,
  ]);
}

function explainFailure({ spec, status: { failure } }: TrialRecord): string[] {
  const log = failure?.evidence?.containers?.flatMap((container) => container.log?.split('\n') ?? []) ?? [];
  return [
    `settings   ${spec.assignments.map(({ name, value }) => `${name}=${value}`).join(' ')}`,
    `stage      ${failure?.stage}`,
    `reason     ${failure?.reason}: ${failure?.message}`,
    ...log.map((line, index) => `${(index === 0 ? 'log' : '').padEnd(10)} ${line}`),
  ];
}

async function readStatus({ remote }: DemoRepository): Promise<ExperimentStatus> {
  const args = [PROGRAM, 'status', EXPERIMENT, '--repository', remote, '--output', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment });
  return JSON.parse(stdout) as ExperimentStatus;
}

/** The folder that `--folder` names, which is made, or a new temporary one; undefined when the arguments cannot be followed. */
async function chooseFolder(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args);
  if (given === undefined) return undefined;
  if (given.folder === undefined) return mkdtemp(join(tmpdir(), 'fieldtrial-demo-'));
  const path = resolve(given.folder);
  await mkdir(path, { recursive: true });
  if ((await readdir(path)).length === 0) return path;
  say(`${path} is not empty`);
  return undefined;
}

function readArguments(args: readonly string[]): { folder?: string } | undefined {
  try {
    return parseArgs({ args: [...args], options: { folder: { type: 'string' } } }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say(error.message);
    return undefined;
  }
}

function tell(title: string, lines: readonly string[]): void {
  say(`\n${styleText('bold', title)}\n`);
  for (const line of lines) say(`  ${line}`);
}

/** As a shell reads it. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
