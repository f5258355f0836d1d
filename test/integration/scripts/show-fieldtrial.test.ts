import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { startSilentServer, type SilentServer } from '../../support/silent-server.ts';

describe('fieldtrial, shown by a script', function () {
  this.timeout(30_000);

  let server: SilentServer;

  beforeEach(async () => {
    server = await startSilentServer();
  });
  afterEach(() => server.close());

  it('is in the foreground with it, where Ctrl-Z, fg and a change of size reach both', async () => {
    const script = await showRun();

    const [group, ...others] = new Set(await groupsOf(script.child.pid!));
    script.child.kill('SIGTERM');
    await script.ended;

    assert.deepEqual([group, ...others], [script.child.pid]);
  });

  for (const [how, reach] of [
    ['the script alone', (id: number) => id],
    ['both, as Ctrl-C does', (id: number) => -id],
  ] as const) {
    it(`is told once to end by a SIGINT that reaches ${how}`, async () => {
      const script = await showRun();

      process.kill(reach(script.child.pid!), 'SIGINT');
      const output = await script.ended;

      assert.match(output, /^ended by SIGINT; what runs stays as it is for the next run\nrejected with SIGINT\n$/m);
    });
  }

  it('ends with a script that is killed', async () => {
    const script = await showRun();

    script.child.kill('SIGKILL');

    await script.says(/^ended by SIGTERM; what runs stays as it is for the next run$/m);
  });

  /** Until the run asks the git server; the script has a process group of its own, as one that a shell starts at a terminal. */
  async function showRun() {
    const child = spawn(process.execPath, ['--input-type=module', '-e', scriptSource(server.url)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 25_000,
      killSignal: 'SIGKILL',
    });
    const texts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => texts.push(text));
    const ended = once(child, 'close').then(() => texts.join(''));
    const says = async (pattern: RegExp) => {
      while (!pattern.test(texts.join(''))) await once(child.stderr, 'data');
    };
    await Promise.race([server.asked(), ended.then((output) => assert.fail(output))]);
    return { child, ended, says };
  }
});

/** A script that passes the first signal on, as `npm run demo` does. */
function scriptSource(url: string): string {
  const module = new URL('../../../scripts/example/show-fieldtrial.ts', import.meta.url).href;
  return `
    import { showFieldtrial } from ${JSON.stringify(module)};
    const ending = new AbortController();
    process.on('SIGINT', () => ending.abort('SIGINT'));
    process.on('SIGTERM', () => ending.abort('SIGTERM'));
    try {
      await showFieldtrial(['run', ${JSON.stringify(url)}], { environment: process.env, signal: ending.signal });
    } catch (error) {
      console.log('rejected with', error);
    }
  `;
}

/** The process groups of a process and of all that it has started. */
async function groupsOf(id: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,pgid=']);
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([id]);
  for (const [own, parent] of processes) if (family.has(parent!)) family.add(own!);
  return processes.flatMap(([own, , group]) => (family.has(own!) ? [group!] : []));
}
