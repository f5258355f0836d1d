import { checkTemplateFile } from './check-template-file.ts';
import { formatPath, type Locate, type Path } from './definition/locate.ts';
import type { RepositoryFiles } from './definition/repository-files.ts';
import type { WrittenTrialTemplate } from './definition/trial-template-schema.ts';
import { manifestFiles } from './lifecycle/manifest-files.ts';
import { patchTemplateProblem } from './lifecycle/patch-template-problem.ts';
import { templateScope } from './lifecycle/render-trial.ts';
import { InvalidInput, type Problem } from './model/errors.ts';
import type { PatchTemplate, TrialTemplateSource } from './model/experiment.ts';
import type { Sample } from './sample.ts';
import { checkTemplate } from './template/check-template.ts';
import { OPAQUE } from './template/opaque.ts';

/**
 * What is wrong with patches, trial template and setup manifests in branches that this trial does not take as well. A problem that a
 * rendering finds too is told in the same words. Files that experiments share are not held against the parameters and arguments of one
 * of them: a branch may be there for another.
 */
export async function checkTemplates(
  { patches, trialTemplate }: { patches: readonly PatchTemplate[]; trialTemplate: TrialTemplateSource },
  { trial, values }: Sample,
  locate: Locate,
  files: RepositoryFiles,
): Promise<Problem[]> {
  const scope = { ...templateScope(trial), values };
  const ofPatches = patches.flatMap(({ patch }, index) => {
    const path = ['spec', 'patches', index, 'patch'];
    return checkTemplate(patch, scope).map((error) => ({
      ...locate(path),
      path: formatPath(path),
      message: patchTemplateProblem(error),
    }));
  });
  return [...ofPatches, ...(await checkTrialTemplate(trialTemplate, scope, locate, files))];
}

async function checkTrialTemplate(source: TrialTemplateSource, scope: object, locate: Locate, files: RepositoryFiles): Promise<Problem[]> {
  const shared = { ...scope, values: OPAQUE };
  if (source.from === 'file')
    return [
      ...checkTree(source.with, ['spec', 'templateRef', 'with'], scope, locate),
      ...checkTemplateFile(source.path, source.text, { ...shared, args: OPAQUE }),
    ];
  const { spec } = source.template as WrittenTrialTemplate;
  const manifests = (spec?.setupTasks ?? []).flatMap((task) => (task.image === undefined ? (task.manifests ?? []) : []));
  const found = await Promise.all(manifests.map((path) => existingManifests(path, files)));
  const ofManifests = await Promise.all(
    [...new Set(found.flat())].map(async (path) => checkTemplateFile(path, (await files.read(path)).toString('utf8'), shared)),
  );
  return [...checkTree(source.template, ['spec', 'trialTemplate'], scope, locate), ...ofManifests.flat()];
}

/** Of a path that leads to nothing, or out of the repository, loading has told. */
async function existingManifests(path: string, files: RepositoryFiles): Promise<string[]> {
  try {
    return await manifestFiles(path, files);
  } catch (error) {
    if (error instanceof InvalidInput) return [];
    throw error;
  }
}

function checkTree(tree: unknown, at: Path, scope: object, locate: Locate): Problem[] {
  return stringsOf(tree, at).flatMap(({ path, text }) =>
    checkTemplate(text, scope).map(({ message }) => ({ ...locate(path), path: formatPath(path), message })),
  );
}

/** Those of a tree, and its keys, which stand where their values do. */
function stringsOf(node: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof node === 'string') return [{ path, text: node }];
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item, index) => stringsOf(item, [...path, index]));
  return Object.entries(node).flatMap(([key, value]) => [{ path: [...path, key], text: key }, ...stringsOf(value, [...path, key])]);
}
