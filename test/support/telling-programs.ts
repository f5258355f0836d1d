import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type TellingPrograms = {
  /** PATH on which they are found before all others. */
  path: string;
  /** Lines such as `argv git push …`, of all calls so far; empty when there was none. */
  arguments(): Promise<string>;
  /** What `env` printed in each of them. */
  environments(): Promise<string>;
};

/**
 * Programs that tell how they were called, and then do what they always do, or what the shell script that is given for them does. Scripts see
 * the PATH of this process as `$REAL_PATH`.
 */
export async function tellingPrograms(folder: string, programs: Readonly<Record<string, string | undefined>>): Promise<TellingPrograms> {
  const log = { arguments: join(folder, 'argv.log'), environments: join(folder, 'env.log') };
  const own = process.env['PATH'] ?? '';
  await mkdir(folder);
  await Promise.all(Object.values(log).map((file) => writeFile(file, '')));
  for (const [program, script] of Object.entries(programs)) {
    const tell = `{ printf 'argv ${program}'; printf ' %s' "$@"; printf '\\n'; } >> ${log.arguments}; env >> ${log.environments}`;
    const body = script === undefined ? `exec ${await locate(program)} "$@"` : `REAL_PATH='${own}'\n${script}`;
    await writeFile(join(folder, program), `#!/bin/sh\n${tell}\n${body}\n`, { mode: 0o755 });
  }
  return {
    path: `${folder}:${own}`,
    arguments: () => readFile(log.arguments, 'utf8'),
    environments: () => readFile(log.environments, 'utf8'),
  };
}

async function locate(program: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', `command -v ${program}`])).stdout.trim();
}
