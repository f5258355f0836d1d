import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Prometheus = { url: string; stop(): Promise<void> };

/**
 * A real Prometheus on a free port of the loopback address that scrapes each of `jobs` (name → host and port) every second. Throws
 * when the `prometheus` program is not on the PATH.
 */
export async function startPrometheus(jobs: Record<string, string>): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const scrapes = Object.entries(jobs).map(([job_name, target]) => ({
    job_name,
    static_configs: [{ targets: [target] }],
  }));
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: scrapes }));

  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0'];
  const program = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async () => {
    if (program.exitCode === null && program.kill()) await once(program, 'exit');
    await rm(folder, { recursive: true });
  };
  try {
    return { url: `http://${await listeningAddress(program)}`, stop };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

async function listeningAddress(program: ChildProcess): Promise<string> {
  const failed = once(program, 'error').then(([error]) => {
    const hint = 'install it with "apt-get install --no-install-recommends prometheus" or from prometheus.io/download';
    throw new Error(`the program prometheus, which this test needs, cannot be started; ${hint}`, { cause: error });
  });
  return await Promise.race([failed, addressInLog(program)]);
}

async function addressInLog(program: ChildProcess): Promise<string> {
  const lines = createInterface({ input: program.stderr! });
  const said: string[] = [];
  for await (const line of lines) {
    const [, address] = /Listening on".*?address=(\S+)/.exec(line) ?? [];
    if (address !== undefined) {
      program.stderr!.resume();
      return address;
    }
    said.push(line);
  }
  throw new Error(`prometheus ended before it listened:\n${said.slice(-5).join('\n')}`);
}
