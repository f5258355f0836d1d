import { posix } from 'node:path';
import { formatPath, type Locate } from '../definition/locate.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { InvalidInput, type Problem } from '../model/errors.ts';
import type { TrialTemplate } from '../model/experiment.ts';
import type { Trial } from '../model/trial.ts';
import { allOrProblems } from './all-or-problems.ts';
import { MAX_CONFIG_MAP_BYTES } from './config-map-data.ts';
import { mountFiles, type MountedFile, type MountedFiles } from './mount-files.ts';

/**
 * Reads the `files` of a template; undefined when it has none. Throws InvalidInput for those that are missing, that would lie in one place,
 * or that are too large together.
 */
export async function mountRepositoryFiles(
  trial: Trial,
  template: Pick<TrialTemplate, 'files'>,
  { files, locate }: { files: RepositoryFiles; locate: Locate },
): Promise<MountedFiles | undefined> {
  if (template.files.length === 0) return undefined;
  const problem = (message: string, ...at: (string | number)[]): Problem => {
    const path = ['spec', 'trialTemplate', 'spec', 'files', ...at];
    return { ...locate(path), path: formatPath(path), message };
  };
  const read = async (each: TrialTemplate['files'][number], index: number) => {
    const found = await readFiles(each, files);
    if (found.length === 0) throw new InvalidInput([problem(`there is no "${each.path}" in the repository`, index, 'path')]);
    return found;
  };
  const found = (await allOrProblems(template.files.map(read))).flat();
  const doubles = [...Map.groupBy(found, ({ mountPath, below }) => `${mountPath}/${below}`)].filter(([, { length }]) => length > 1);
  if (doubles.length > 0) {
    throw new InvalidInput(
      doubles.map(([place, twice]) => problem(`${twice.map(({ path }) => path).join(' and ')} would both be ${place}`)),
    );
  }
  const contents = new Map(found.map(({ path, content }) => [path, content]));
  const size = contents.values().reduce((sum, { length }) => sum + length, 0);
  if (size > MAX_CONFIG_MAP_BYTES) {
    throw new InvalidInput([problem(`are ${size} bytes; a ConfigMap holds at most ${MAX_CONFIG_MAP_BYTES}, so put them into an image`)]);
  }
  return mountFiles(trial, found);
}

/** A file is found by its own name, what is in a folder by its path in it. */
async function readFiles({ path, mountPath }: TrialTemplate['files'][number], files: RepositoryFiles): Promise<MountedFile[]> {
  const paths = await files.list(path);
  return Promise.all(
    paths.map(async (each) => ({
      path: each,
      mountPath,
      below: posix.relative(path, each) || posix.basename(each),
      content: await files.read(each),
    })),
  );
}
