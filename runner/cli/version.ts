import { readPackage } from './package-folder.ts';

/** The package's version, from its one place. */
export async function readVersion(): Promise<string> {
  return (await readPackage()).version;
}

/** The image whose `fieldtrial setup` runs setup tasks, unless `--image` names another. */
export function defaultImage(version: string): string {
  return `fieldtrial:${version}`;
}
