import { readFile } from 'node:fs/promises';

/** The program's own package: its folder, ending with a slash, and its version. The sources lie one folder deeper than the bundle. */
export async function readPackage(): Promise<{ folder: URL; version: string }> {
  for (const path of ['../', '../../']) {
    const folder = new URL(path, import.meta.url);
    try {
      const { name, version } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as { name?: string; version?: string };
      if (name === 'fieldtrial' && version !== undefined) return { folder, version };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('package.json of fieldtrial is missing beside the program');
}
