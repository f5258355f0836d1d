import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** `host` is the address and port of the loopback address where it listens. */
export type Program = { host: string; stop(): Promise<void> };

/**
 * A server program of the Prometheus family on a free port of the loopback address, with a folder of its own that is gone with it. Throws
 * when the program, which is also the name of its Debian package, is not on the PATH.
 */
export async function startProgram(name: string, flags: (folder: string) => Promise<string[]>): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), `fieldtrial-${name}-`));
  const program = spawn(name, [...(await flags(folder)), '--web.listen-address=127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async () => {
    if (program.exitCode === null && program.kill()) await once(program, 'exit');
    await rm(folder, { recursive: true });
  };
  try {
    return { host: await listeningAddress(name, program), stop };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

async function listeningAddress(name: string, program: ChildProcess): Promise<string> {
  const failed = once(program, 'error').then(([error]) => {
    const hint = `install it with "apt-get install --no-install-recommends ${name}" or from prometheus.io/download`;
    throw new Error(`the program ${name}, which this test needs, cannot be started; ${hint}`, { cause: error });
  });
  return await Promise.race([failed, addressInLog(name, program)]);
}

async function addressInLog(name: string, program: ChildProcess): Promise<string> {
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
  throw new Error(`${name} ended before it listened:\n${said.slice(-5).join('\n')}`);
}
