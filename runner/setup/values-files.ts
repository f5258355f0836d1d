import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StageFailure } from '../model/errors.ts';

/**
 * The values files of mounted ConfigMaps: in each folder those whose names end with `values.yaml` (R§7.3), by name. Throws StageFailure
 * for a folder that has none: its ConfigMap would be named for nothing.
 */
export async function valuesFiles(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const files = (await readdir(folder)).filter((name) => name.endsWith('values.yaml')).toSorted();
      if (files.length > 0) return files.map((name) => join(folder, name));
      const message = `ConfigMap ${basename(folder)} has no values file: none of its keys ends with values.yaml`;
      throw new StageFailure('setup-create', 'ContainerConfigError', message);
    }),
  );
  return found.flat();
}
