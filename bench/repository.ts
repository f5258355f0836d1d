import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Makes a bare repository whose branch `main` holds these files. Resolves with its path. */
export async function createRepository(folder: string, files: Record<string, string>): Promise<string> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--bare', '--initial-branch=main']);
  await commitFiles(folder, 'main', Object.entries(files));
  return folder;
}

/** Puts one commit with these files on a branch of a bare repository; other files stay. */
export async function commitFiles(folder: string, branch: string, files: Iterable<readonly [path: string, text: string]>): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const tip = (await git(folder, ['for-each-ref', '--format=%(objectname)', ref])).trim();
  const begin = `commit ${ref}\ncommitter Bench <bench@example.com> 0 +0000\ndata 5\nBench\n${tip === '' ? '' : `from ${tip}\n`}`;
  const stream = [begin];
  for (const [path, text] of files) stream.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  await git(folder, ['fast-import', '--quiet'], stream.join(''));
}

/** The text of a file of a branch. */
export function readCommitted(folder: string, branch: string, path: string): Promise<string> {
  return git(folder, ['show', `${branch}:${path}`]);
}

/** Writes the files of a branch into a new folder beside the repository. Resolves with it. */
export async function checkOut(folder: string, branch: string): Promise<string> {
  const work = join(folder, '..', 'work');
  await git(folder, ['clone', '--quiet', '--branch', branch, '.', work]);
  return work;
}

async function git(folder: string, args: readonly string[], input?: string): Promise<string> {
  const running = promisify(execFile)('git', ['-C', folder, ...args], { maxBuffer: 2 ** 26 });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
