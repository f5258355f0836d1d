import { relative, resolve } from 'node:path';
import { checkDefinitions } from '../check-definitions.ts';
import { checkUnusedTemplate } from '../check-unused-template.ts';
import { loadPaths, loadRepository } from '../definition/load-repository.ts';
import { openRepository } from '../definition/repository-files.ts';
import { formatProblem } from '../model/errors.ts';
import { EXIT } from './exit-code.ts';
import { findRoot } from './find-root.ts';
import type { CommandContext } from './command-context.ts';

/** `fieldtrial validate`: every problem of every file as it lies in the working folder, committed or not, and what a legacy file means here. */
export async function validateCommand(
  paths: string[],
  { output: format }: { output: 'text' | 'json' },
  { output, cwd }: CommandContext,
): Promise<number> {
  const root = findRoot(cwd);
  const files = openRepository(root);
  const inside = paths.map((path) => relative(root, resolve(cwd, path)) || '.');
  const repository = inside.length === 0 ? await loadRepository(files) : await loadPaths(files, inside);
  const definitions = await checkDefinitions(repository, files, 'fieldtrial');
  const { checked } = definitions;
  const { unusedTemplates } = repository;
  const ofUnused = await Promise.all(unusedTemplates.map((path) => checkUnusedTemplate(path, files)));
  const problems = [...definitions.problems, ...ofUnused.flat()];
  const valid = checked.map(({ experiment }) => experiment.name);
  const notices = repository.experiments.flatMap((each) => each.notices);

  if (format === 'json') output.data(JSON.stringify({ valid, problems, notices }, undefined, 2));
  else for (const problem of problems) output.data(formatProblem(problem));
  for (const notice of notices) output.say(`note: ${formatProblem(notice)}`);
  for (const path of unusedTemplates) output.say(`note: ${path}: no experiment uses it, so it is not rendered`);
  if (repository.experiments.length === 0 && problems.length === 0 && unusedTemplates.length === 0) {
    output.say(`no experiments found; expected experiments/<name>/experiment.yaml in ${root}`);
    return EXIT.invalid;
  }
  const total = repository.experiments.length;
  output.say(
    `${valid.length} of ${total} experiment${total === 1 ? '' : 's'} valid, ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
  );
  return problems.length > 0 ? EXIT.invalid : EXIT.done;
}
