import type { RepositoryFiles } from '../definition/repository-files.ts';

/** The files that a setup task's manifest stands for: itself, or what a folder holds of YAML and JSON; none where nothing is there. */
export async function manifestFiles(path: string, files: RepositoryFiles): Promise<string[]> {
  return (await files.list(path)).filter((each) => /\.(ya?ml|json)$/.test(each));
}
