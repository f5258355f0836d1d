import { InvalidInput } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { chartSource } from './chart-source.ts';
import type { Finding, Path } from './locate.ts';
import { pathProblem, type RepositoryFiles } from './repository-files.ts';
import { setupPathProblem } from './rules/trial-template.ts';
import type { WrittenExperiment } from './schema.ts';
import type { WrittenTrialTemplate } from './trial-template-schema.ts';

export type TemplateFiles = { used: string[]; findings: Finding[] };

/** The files that a template mounts and that its setup tasks use, folders expanded, and what is missing of them. */
export async function findTemplateFiles(template: WrittenTrialTemplate, files: RepositoryFiles): Promise<TemplateFiles> {
  const mounted = (template.spec?.files ?? []).map((file, index) => findFiles(file.path, ['spec', 'files', index, 'path'], files));
  const found = (template.spec?.setupTasks ?? []).flatMap(({ helmChart, helmRepository, manifests = [] }, index) => {
    const path = ['spec', 'setupTasks', index];
    const source = chartSource({ helmChart, helmRepository });
    const chart = source?.from === 'folder' ? [findChart(source.chart, [...path, 'helmChart'], files)] : [];
    return [...chart, ...manifests.map((manifest, position) => findManifests(manifest, [...path, 'manifests', position], files))];
  });
  return merge(await Promise.all([...mounted, ...found]));
}

/**
 * The files that the text of a shared template mentions. Until it is rendered it is no YAML, so every path in it that leads to files of
 * the repository counts, with every value of the parameters that choose it: rather one too many than a chart whose change goes unnoticed.
 */
export async function findMentionedFiles(
  text: string,
  parameters: WrittenExperiment['spec']['parameters'],
  files: RepositoryFiles,
): Promise<string[]> {
  const texts = [text, ...parameters.flatMap(({ name, values = [] }) => values.map((value) => withValue(text, name, value)))];
  const mentioned = new Set(texts.flatMap((each) => each.match(/[\w.-]+(?:\/[\w.-]+)+|\w[\w-]*\.[\w.-]+/g) ?? []));
  const readable = [...mentioned].filter((path) => pathProblem(path) === undefined);
  return (await Promise.all(readable.map((path) => files.list(path)))).flat();
}

function withValue(text: string, parameter: string, value: string): string {
  return text.replaceAll(/\{{2,3}~?\s*values\.([^\s{}~]+)\s*~?\}{2,3}/g, (tag, name) => (name === parameter ? value : tag));
}

/** The text of `templates/<name>.yaml`, or why there is none. */
export async function readSharedTemplate(
  name: string,
  files: RepositoryFiles,
): Promise<{ path: string; text: string } | { missing: string }> {
  const path = `templates/${name}.yaml`;
  const existing = await files.list('templates');
  if (existing.includes(path)) return { path, text: (await files.read(path)).toString('utf8') };
  const names = existing.flatMap((each) => /^templates\/([^/]+)\.yaml$/.exec(each)?.[1] ?? []);
  const meant = nearest(name, names);
  const hint =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : names.length > 0
        ? `known are ${names.join(', ')}`
        : 'the folder templates/ has none';
  return { missing: `there is no ${path} in the repository; ${hint}` };
}

async function findChart(chart: string, path: Path, files: RepositoryFiles): Promise<TemplateFiles> {
  const found = await findFiles(chart, path, files);
  if (found.used.length === 0 || found.used.includes(`${chart.replace(/\/+$/, '')}/Chart.yaml`)) return found;
  return { ...found, findings: [{ path, message: `"${chart}" is not a chart: it has no Chart.yaml` }] };
}

async function findManifests(manifest: string, path: Path, files: RepositoryFiles): Promise<TemplateFiles> {
  const found = await findFiles(manifest, path, files);
  if (found.used.length === 0 || found.used.some((file) => /\.(ya?ml|json)$/.test(file))) return found;
  return { ...found, findings: [{ path, message: `"${manifest}" holds no .yaml, .yml or .json file` }] };
}

async function findFiles(repositoryPath: string, path: Path, files: RepositoryFiles): Promise<TemplateFiles> {
  // Reported by the rules already.
  if (setupPathProblem(repositoryPath) !== undefined) return { used: [], findings: [] };
  try {
    const used = await files.list(repositoryPath);
    return {
      used,
      findings: used.length > 0 ? [] : [{ path, message: `there is no "${repositoryPath}" in the repository` }],
    };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { used: [], findings: error.problems.map(({ file, message }) => ({ path, message: `${file} ${message}` })) };
  }
}

function merge(parts: readonly TemplateFiles[]): TemplateFiles {
  return { used: parts.flatMap(({ used }) => used), findings: parts.flatMap(({ findings }) => findings) };
}
