import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');

/** Bundles the working tree as it is shipped, into a folder of its own. Resolves with the path of the program. */
export async function packageProgram(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await Promise.all(['package.json', 'bin/fieldtrial.js'].map((file) => copyFile(join(ROOT, file), join(folder, file))));
  await symlink(join(ROOT, 'charts'), join(folder, 'charts'));
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.js'), join(folder, 'dist')], { cwd: ROOT });
  return join(folder, 'bin/fieldtrial.js');
}
