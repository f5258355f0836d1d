import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connectCluster } from '../../../runner/cluster/connect.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { aTerminal, type ShownTerminal } from '../../support/a-terminal.ts';
import { experimentFile } from '../../support/definitions.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { startFieldtrial, type StartedFieldtrial } from '../../support/run-fieldtrial.ts';
import { createSlot } from '../../support/slots.ts';

/** One trial completes, one fails, two run for hours. */
const EXPERIMENT = `apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: sizing}
spec:
  replicas: 2
  suggest: {source: grid}
  parameters:
    - {name: time, values: [100ms, 200ms, 2h, 3h]}
  metrics:
    - {name: cost, minimize: true, query: "42"}
  trialTemplate:
    spec:
      jobTemplate:
        spec:
          template:
            metadata:
              annotations:
                sandbox.fieldtrial.dev/run: "{{values.time}}"
                sandbox.fieldtrial.dev/exit-code: '{{#if (eq values.time "200ms")}}7{{else}}0{{/if}}'
            spec:
              containers: [{name: load, image: load}]
`;

describe('fieldtrial run on a terminal', function () {
  this.timeout('60s');

  let sandbox: Sandbox;
  let remote: Remote;
  let kubeconfig: string;

  before(async () => {
    sandbox = await startCluster();
    remote = await createRemote({ [experimentFile('sizing')]: EXPERIMENT });
    kubeconfig = join(remote.scratch, 'kubeconfig');
    await sandbox.kubeconfig(kubeconfig);
    const { cluster, close } = await connectCluster({ kubeconfig });
    await Promise.all(['shop-1', 'shop-2'].map((slot) => createSlot(cluster, slot)));
    await close();
  });
  after(async () => {
    await sandbox.close();
    await remote.cleanup();
  });

  function start(terminal: ShownTerminal, env: Record<string, string> = {}, ...flags: string[]): StartedFieldtrial {
    const args = ['run', remote.path, '--kubeconfig', kubeconfig, '-n', 'default', '--slots', 'shop-1,shop-2', ...flags];
    return startFieldtrial(args, { terminal, env });
  }

  /** Until two trials are under way that do not end. */
  async function runOn(terminal: ShownTerminal, env?: Record<string, string>): Promise<StartedFieldtrial> {
    const run = start(terminal, env);
    await terminal.showing((lines) => lines.filter((line) => /sizing-00[34] +run .* is Running/.test(line)).length === 2);
    return run;
  }

  it('keeps a board at its lower end, follows its size, and goes without a trace', async () => {
    const terminal = aTerminal(120);
    const run = await runOn(terminal);

    await terminal.showing(
      isBoard(/^shop-[12] {2}sizing-00[34] {2}run +\d+s {2}pod sizing-00[34]-\w{5} is Running$/, `${bar(29)}   ${WORDS}`),
    );
    await terminal.resize(80, 30);
    await terminal.showing(
      isBoard(/^shop-[12] {2}sizing-00[34] {2}run +\d+s {2}pod sizing-00[34]-\w{5} is Running$/, `${bar(19)}   ${WORDS}`),
    );
    await terminal.resize(40, 30);
    await terminal.showing(isBoard(/^shop-[12] {2}…zing-00[34] {2}run +\d+s$/, `${bar(9)}  2 running  1 failed`));
    await terminal.resize(120, 30);
    run.child.kill('SIGINT');
    const { exitCode, stdout } = await run.ended;

    const lines = await terminal.shows();
    assert.match(lines.join('\n'), /\[shop-\d sizing-001\] completed in \S+: cost 42$/m);
    assert.match(lines.join('\n'), /\[shop-\d sizing-002\] failed at run after \S+: ContainerFailed: container load exited with code 7$/m);
    assert.doesNotMatch(lines.join('\n'), /^shop-|░/m);
    assert.equal(lines.at(-1), 'ended by SIGINT; what runs stays as it is for the next run');
    assert.deepEqual({ exitCode, stdout }, { exitCode: 130, stdout: '' });
    assert.ok(terminal.written.join('').includes(CYAN));
  });

  it('has a board without colors where NO_COLOR is set', async () => {
    const terminal = aTerminal(80);

    const run = await runOn(terminal, { NO_COLOR: '1' });

    run.child.kill('SIGTERM');
    await run.ended;
    assert.ok(!terminal.written.join('').includes(CYAN));
  });

  const plain: [string, Record<string, string>][] = [
    ['where they are asked for', { FIELDTRIAL_OUTPUT: 'plain' }],
    ['where the terminal can do no more', { TERM: 'dumb' }],
  ];
  for (const [where, env] of plain) {
    it(`shows lines ${where}`, async () => {
      const { stderr } = await start(aTerminal(200), env, '--dry-run').ended;

      assert.match(stderr, /^\d\d:\d\d:\d\d dry run: nothing was changed; sizing would run in shop-1, shop-2$/m);
      assert.ok(!stderr.includes('\u001B'));
    });
  }
});

const WORDS = '2 running   1 failed';
const CYAN = '\u001B[36m';

/** Half full. */
function bar(width: number): string {
  const filled = Math.round(width / 2);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}  2 of 4`;
}

/** The two slots, the overall line and the best are the last lines, and there is no other board. */
function isBoard(slot: RegExp, overall: string): (lines: string[]) => boolean {
  return (lines) => {
    const last = lines.filter((line) => line !== '').slice(-4);
    const isWhole =
      slot.test(last[0] ?? '') && slot.test(last[1] ?? '') && last[2] === overall && last[3] === 'best of sizing: cost 42 (#001)';
    return isWhole && lines.filter((line) => line.includes('░')).length === 1;
  };
}
