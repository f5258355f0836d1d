import { posix } from 'node:path';
import { InvalidInput, type Problem } from '../model/errors.ts';
import { loadExperiment, type LoadedExperiment } from './load-experiment.ts';
import { SETTINGS_FILE, loadSettings, type Settings } from './load-settings.ts';
import { formatPath } from './locate.ts';
import type { RepositoryFiles } from './repository-files.ts';

export type LoadedRepository = {
  /** The defaults where `fieldtrial.yaml` has problems; nothing should be run with those. */
  settings: Settings;
  /** By file. */
  experiments: LoadedExperiment[];
  /** Of every file: settings, experiments and suggestions. */
  problems: Problem[];
};

/**
 * Reads `fieldtrial.yaml`, every `experiments/<name>/experiment.yaml`, and the templates, charts, manifests and suggestions that belong to them.
 * Never throws for what a file says: all problems of all files are in the result.
 */
export async function loadRepository(files: RepositoryFiles): Promise<LoadedRepository> {
  const { paths, problems } = await listFiles(files, 'experiments');
  const experimentFiles = paths.filter((path) => /^experiments\/[^/]+\/experiment\.yaml$/.test(path));
  return load(files, experimentFiles, [...problems, ...paths.flatMap(misplaced)]);
}

/**
 * The same for the files and folders that somebody names: a folder stands for every `experiment.yaml` below it, a suggestion file for
 * its experiment, any other file is read as an experiment. A path that leads to nothing is a problem.
 */
export async function loadPaths(files: RepositoryFiles, named: readonly string[]): Promise<LoadedRepository> {
  const found = await Promise.all(named.map((path) => findExperiments(files, path)));
  const experimentFiles = new Set(found.flatMap(({ paths }) => paths));
  return load(
    files,
    [...experimentFiles].toSorted(),
    found.flatMap(({ problems }) => problems),
  );
}

type Found = { paths: string[]; problems: readonly Problem[] };

async function findExperiments(files: RepositoryFiles, named: string): Promise<Found> {
  const path = posix
    .normalize(named)
    .replace(/^\.?\/?$/, '')
    .replace(/\/$/, '');
  const { paths, problems } = await listFiles(files, path);
  if (problems.length > 0) return { paths: [], problems };
  if (paths.length === 0)
    return {
      paths: [],
      problems: [{ file: named, path: '', message: 'there is no such file or folder in the repository' }],
    };
  if (paths[0] !== path) return { paths: paths.filter((each) => posix.basename(each) === 'experiment.yaml'), problems };
  if (path === SETTINGS_FILE) return { paths: [], problems };
  const folder = posix.dirname(path);
  return {
    paths: [posix.basename(folder) === 'suggestions' ? `${posix.dirname(folder)}/experiment.yaml` : path],
    problems,
  };
}

async function load(files: RepositoryFiles, experimentFiles: readonly string[], found: readonly Problem[]): Promise<LoadedRepository> {
  const { settings, problems } = await loadSettings(files);
  const loaded = await Promise.all(experimentFiles.map((file) => loadExperiment(file, files)));
  const experiments = refuseSharedNames(loaded);
  const ofExperiments = experiments.flatMap((each) => [...each.problems, ...each.queue.flatMap((file) => file.problems)]);
  return { settings, experiments, problems: [...problems, ...found, ...ofExperiments] };
}

/** Records belong to an experiment by its name, so none of those that share one can be run. */
function refuseSharedNames(loaded: readonly LoadedExperiment[]): LoadedExperiment[] {
  return loaded.map((each) => {
    const other = loaded.find(({ name, file }) => name === each.name && file !== each.file);
    if (other === undefined) return each;
    const { experiment: _, ...invalid } = each;
    const path = ['metadata', 'name'];
    const problem = {
      ...each.locate(path),
      path: formatPath(path),
      message: `"${each.name}" is also the name of ${other.file}; rename one`,
    };
    return { ...invalid, problems: [...each.problems, problem] };
  });
}

/** What looks like an experiment but is not where experiments are read from. */
function misplaced(path: string): Problem[] {
  const isNear = /^experiments\/([^/]+\.ya?ml|[^/]+\/experiment\.(yml|json))$/.test(path);
  return isNear ? [{ file: path, path: '', message: 'is not read; experiments are experiments/<name>/experiment.yaml' }] : [];
}

async function listFiles(files: RepositoryFiles, path: string): Promise<Found> {
  try {
    return { paths: await files.list(path), problems: [] };
  } catch (error) {
    if (error instanceof InvalidInput) return { paths: [], problems: error.problems };
    throw error;
  }
}
