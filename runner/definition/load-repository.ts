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
  /** Shared templates among what was read, which no experiment uses; nothing else is said of them. */
  unusedTemplates: string[];
};

/**
 * Reads `fieldtrial.yaml`, every `experiments/<name>/experiment.yaml`, and the templates, charts, manifests and suggestions that belong to them.
 * Never throws for what a file says: all problems of all files are in the result.
 */
export async function loadRepository(files: RepositoryFiles): Promise<LoadedRepository> {
  const { paths, problems } = await listFiles(files, 'experiments');
  const templates = await listFiles(files, 'templates');
  const found = [...problems, ...paths.flatMap(misplaced), ...templates.problems];
  return load(files, paths.filter(isExperimentFile), templates.paths.filter(isSharedTemplate), found);
}

/**
 * The same for the files and folders that somebody names: a folder stands for every `experiment.yaml` below it, a suggestion file for
 * its experiment, a shared template for every experiment that uses it, any other file is read as an experiment. A path that leads to
 * nothing is a problem.
 */
export async function loadPaths(files: RepositoryFiles, named: readonly string[]): Promise<LoadedRepository> {
  const found = await Promise.all(named.map((path) => findExperiments(files, path)));
  const experimentFiles = found.flatMap(({ paths }) => paths);
  const templates = [...new Set(found.flatMap((each) => each.templates))].toSorted();
  const users = templates.length === 0 ? [] : await findUsers(files, templates);
  return load(
    files,
    [...new Set([...experimentFiles, ...users])].toSorted(),
    templates,
    found.flatMap(({ problems }) => problems),
  );
}

/** The experiments that use one of these shared templates. */
async function findUsers(files: RepositoryFiles, templates: readonly string[]): Promise<string[]> {
  const { paths } = await listFiles(files, 'experiments');
  const loaded = await Promise.all(paths.filter(isExperimentFile).map((file) => loadExperiment(file, files)));
  return loaded.filter(({ usedFiles }) => templates.some((each) => usedFiles.includes(each))).map(({ file }) => file);
}

type Found = { paths: string[]; problems: readonly Problem[] };

async function findExperiments(files: RepositoryFiles, named: string): Promise<Found & { templates: string[] }> {
  const path = posix
    .normalize(named)
    .replace(/^\.?\/?$/, '')
    .replace(/\/$/, '');
  const { paths, problems } = await listFiles(files, path);
  if (problems.length > 0) return { paths: [], templates: [], problems };
  if (paths.length === 0)
    return {
      paths: [],
      templates: [],
      problems: [{ file: named, path: '', message: 'there is no such file or folder in the repository' }],
    };
  const templates = paths.filter(isSharedTemplate);
  if (paths[0] !== path) {
    const inFolder = paths.filter((each) => posix.basename(each) === 'experiment.yaml' && !isSharedTemplate(each));
    return { paths: inFolder, templates, problems };
  }
  if (path === SETTINGS_FILE || templates.length > 0) return { paths: [], templates, problems };
  const folder = posix.dirname(path);
  if (folder === 'templates') {
    const message = 'is not read; shared templates are templates/<name>.yaml';
    return { paths: [], templates, problems: [{ file: path, path: '', message }] };
  }
  return {
    templates,
    paths: [posix.basename(folder) === 'suggestions' ? `${posix.dirname(folder)}/experiment.yaml` : path],
    problems,
  };
}

async function load(
  files: RepositoryFiles,
  experimentFiles: readonly string[],
  templates: readonly string[],
  found: readonly Problem[],
): Promise<LoadedRepository> {
  const { settings, problems } = await loadSettings(files);
  const loaded = await Promise.all(experimentFiles.map((file) => loadExperiment(file, files)));
  const experiments = refuseSharedNames(loaded);
  const ofExperiments = experiments.flatMap((each) => [...each.problems, ...each.queue.flatMap((file) => file.problems)]);
  const unusedTemplates = templates.filter((path) => !experiments.some(({ usedFiles }) => usedFiles.includes(path)));
  return { settings, experiments, problems: [...problems, ...found, ...ofExperiments], unusedTemplates };
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

function isExperimentFile(path: string): boolean {
  return /^experiments\/[^/]+\/experiment\.yaml$/.test(path);
}

function isSharedTemplate(path: string): boolean {
  return /^templates\/[^/]+\.yaml$/.test(path);
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
