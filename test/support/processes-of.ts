import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Command lines of the processes of this machine that work in a folder, or whose arguments or environment name it. Linux only. */
export async function processesOf(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const about = (file: string) => readFile(join('/proc', id, file), 'utf8');
      try {
        const [command, environment, cwd] = await Promise.all([about('cmdline'), about('environ'), readlink(join('/proc', id, 'cwd'))]);
        return [command, environment, cwd].some((text) => text.includes(folder)) ? [command.replaceAll('\0', ' ').trim()] : [];
      } catch (error) {
        // It has ended meanwhile, or is another user's.
        if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}
