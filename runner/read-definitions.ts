import { checkDefinitions, type CheckedDefinitions } from './check-definitions.ts';
import { loadRepository } from './definition/load-repository.ts';
import type { Settings } from './definition/load-settings.ts';
import type { RepositoryFiles } from './definition/repository-files.ts';

export type ReadDefinitions = CheckedDefinitions & {
  settings: Settings;
  /** How many experiments there are, valid or not. */
  experiments: number;
};

/** Everything that a repository says, checked. */
export async function readDefinitions(files: RepositoryFiles, image: string): Promise<ReadDefinitions> {
  const { settings, experiments, problems } = await loadRepository(files);
  const definitions = await checkDefinitions({ settings, experiments, problems }, files, image);
  return { ...definitions, settings, experiments: experiments.length };
}
