import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseRecord } from '../../../runner/ledger/record-text.ts';
import { recordPath } from '../../../runner/model/names.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { GIT_ENVIRONMENT } from '../../support/git-repository.ts';
import { processesOf } from '../../support/processes-of.ts';

const RESULTS = 'fieldtrial/results';

describe('npm run demo', function () {
  this.timeout('120s');

  /** Everything that the demos make lies below it. */
  let scratch: string;
  let folder: string;
  let output: string;
  let exitCode: number;
  let records: TrialRecord[];

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'fieldtrial-test-'));
    await mkdir(join(scratch, 'tmp'));
    folder = join(scratch, 'look around');

    ({ output, exitCode } = await startDemo('--folder', folder).ended);

    const paths = Array.from({ length: 6 }, (_, index) => recordPath('compression', index + 1));
    records = await Promise.all(paths.map(async (path) => parseRecord(await git('show', `${RESULTS}:${path}`), path)));
  });

  after(() => rm(scratch, { recursive: true, force: true }));

  it('ends with 0 and says that the cluster was a stand-in, and where a real one is', () => {
    assert.equal(exitCode, 0, output);
    assert.match(output, /^The cluster was a stand-in \(docs\/sandbox\.md\): npm run example starts a real one, .*use yours\.$/m);
  });

  it("measures six trials in two slots at once, today's settings first", () => {
    assert.deepEqual(
      records.map(({ spec }) => spec.source.type),
      ['baseline', ...Array.from({ length: 5 }, () => 'random')],
    );
    const spans = records.map(({ spec, status }) => ({
      slot: spec.slot,
      from: status.stages[0]!.startedAt,
      to: status.stages.at(-1)!.finishedAt,
    }));
    const [first = [], second = []] = ['compression-1', 'compression-2'].map((slot) => spans.filter((span) => span.slot === slot));
    assert.equal(first.length + second.length, 6);
    assert.ok(first.some((one) => second.some((other) => one.from < other.to && other.from < one.to)));
  });

  it('sets up, patches and rolls out for each of them', () => {
    for (const { metadata, status } of records) {
      assert.ok(
        status.images.some((image) => image.startsWith('load: ')),
        metadata.name,
      );
      assert.deepEqual(
        status.patches.map(({ target }) => target),
        ['ConfigMap archiver', 'Deployment archiver'],
      );
      assert.ok(
        status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        metadata.name,
      );
    }
  });

  it('measures what the processes printed, and what the pods request', () => {
    const completed = records.filter(({ status }) => status.phase === 'Completed');

    assert.equal(completed.length, 5);
    for (const { spec, status } of completed) {
      const [time, size, cost] = status.values;
      assert.deepEqual([time?.name, size?.name, cost?.name], ['time', 'size', 'cost']);
      assert.deepEqual(JSON.parse(time!.raw), { time: time!.value, size: size!.value });
      const heap = Number(spec.assignments.find(({ name }) => name === 'heap')?.value);
      assert.equal(cost!.value.toFixed(6), (2 * (50 * 0.017 + (heap + 128) * 2 ** 20 * 1000 * 3e-12)).toFixed(6));
    }
  });

  it('lets one trial die of its own settings, and keeps why', () => {
    const failed = records.filter(({ status }) => status.phase === 'Failed');

    assert.deepEqual(
      failed.map(({ metadata, status: { failure } }) => [metadata.name, failure?.stage, failure?.reason, failure?.infrastructure]),
      [['compression-003', 'run', 'ContainerFailed', false]],
    );
    const [container] = failed[0]!.status.failure!.evidence!.containers!;
    assert.match(container!.log!, /^ERR_WORKER_OUT_OF_MEMORY: .*\n17000 orders at once do not fit into 16 MiB of heap$/);
  });

  it('commits each trial', async () => {
    const trials = await git('log', '--format=%(trailers:key=Fieldtrial-Trial,valueonly,separator=%x20)', RESULTS);

    assert.deepEqual(
      trials
        .split('\n')
        .filter((trial) => trial !== '')
        .toSorted(),
      records.map(({ metadata }) => metadata.name),
    );
  });

  it('names three commands that work', async () => {
    const commands = output.match(/(?<=^ {4})(git|npm) .*$/gm) ?? [];

    assert.equal(commands.length, 3, output);
    const answers = await Promise.all(commands.map(async (command) => (await inShell(command)).stdout));
    assert.match(answers[0]!, /reason: ContainerFailed/);
    assert.match(answers[1]!, /^compression +Completed \(BudgetSpent\) +5 +1 /m);
    assert.match(answers[2]!, /^# {3}patch targets: ConfigMap archiver, Deployment archiver$/m);
  });

  it('prints what the README shows, with the numbers of this machine', async () => {
    const readme = await readFile(join(PROJECT, 'README.md'), 'utf8');
    const [, excerpt = ''] = /```\n(Why compression-003 failed.*?)```/s.exec(readme) ?? [];

    const shown = excerpt.split('\n').filter((line) => line !== '');
    assert.ok(shown.length > 8, 'the README has no excerpt of the demo');
    const printed = new Set(output.split('\n').map(withoutNumbers));
    assert.deepEqual(
      shown.filter((line) => !printed.has(withoutNumbers(line))),
      [],
    );
  });

  it('leaves no process, and nothing but its folder', async () => {
    assert.deepEqual(await processesOf(scratch), []);
    assert.deepEqual(await readdir(join(scratch, 'tmp')), []);
    assert.deepEqual((await readdir(folder)).toSorted(), ['clone', 'remote.git']);
  });

  it('leaves a folder alone that is not empty', async () => {
    const again = await startDemo('--folder', folder).ended;

    assert.equal(again.exitCode, 2);
    assert.match(again.output, /look around is not empty\nusage: npm run demo /);
  });

  it('leaves no process either when it is interrupted', async () => {
    const demo = startDemo('--folder', join(scratch, 'interrupted'));
    await demo.says(/run begins/);

    demo.child.kill('SIGINT');
    const end = await demo.ended;

    assert.equal(end.exitCode, 130);
    assert.match(end.output, /The demo was ended by SIGINT\. Nothing is left running;/);
    // Watchers learn of the end from their standard input, a moment after it.
    while ((await processesOf(scratch)).length > 0) await sleep(20);
  });

  it('leaves no process and only its repositories when it is killed', async () => {
    const demo = startDemo('--folder', join(scratch, 'killed'));
    await demo.says(/run begins/);

    demo.child.kill('SIGKILL');

    while ((await processesOf(scratch)).length > 0) await sleep(20);
    assert.deepEqual(await readdir(join(scratch, 'tmp')), []);
    assert.deepEqual((await readdir(join(scratch, 'killed'))).toSorted(), ['clone', 'remote.git']);
  });

  /** On a machine where nobody has ever used git, with output to no terminal. */
  function startDemo(...args: string[]) {
    const child = spawn(process.execPath, [join(PROJECT, 'scripts', 'demo.ts'), ...args], {
      env: { ...GIT_ENVIRONMENT, TMPDIR: join(scratch, 'tmp'), NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 110_000,
      killSignal: 'SIGKILL',
    });
    const texts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => texts.push(text));
    const ended = once(child, 'close').then(([code]) => ({ exitCode: code as number, output: texts.join('') }));
    const says = async (pattern: RegExp) => {
      while (!pattern.test(texts.join('')))
        await Promise.race([once(child.stderr, 'data'), ended.then(({ output }) => assert.fail(output))]);
    };
    return { child, ended, says };
  }

  async function git(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('git', args, { cwd: join(folder, 'remote.git'), env: GIT_ENVIRONMENT });
    return stdout.trim();
  }

  function inShell(command: string) {
    return promisify(execFile)('sh', ['-c', command], { cwd: PROJECT, maxBuffer: 2 ** 26 });
  }
});

/** What a machine measured, and whether that made a trial better than another one, differs. */
function withoutNumbers(line: string): string {
  // The widths of columns follow their numbers.
  const words = line.trim().split(/\s+/);
  return (words[0]?.startsWith('compression-') ? words.slice(0, 5) : words).join(' ');
}
