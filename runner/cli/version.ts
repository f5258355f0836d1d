import { readFile } from 'node:fs/promises';

/** The package's version, from its one place. */
export async function readVersion(): Promise<string> {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as { name?: string; version?: string };
      if (name === 'fieldtrial' && version !== undefined) return version;
    } catch (error) {
      // The sources lie one folder deeper than the bundle.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('package.json of fieldtrial is missing beside the program');
}

/** The image whose `fieldtrial setup` runs setup tasks, unless `--image` names another. */
export function defaultImage(version: string): string {
  return `fieldtrial:${version}`;
}
