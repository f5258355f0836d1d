import { checkTemplateFile } from './check-template-file.ts';
import { parseTrialTemplate } from './definition/parse-trial-template.ts';
import { readYaml } from './definition/read-yaml.ts';
import type { RepositoryFiles } from './definition/repository-files.ts';
import { InvalidInput, type Problem } from './model/errors.ts';
import { OPAQUE } from './template/opaque.ts';

const TRIAL = { name: OPAQUE, namespace: OPAQUE, number: OPAQUE, experiment: OPAQUE };

/**
 * What is wrong with a shared template that no experiment uses, as far as that can be told without values and arguments: its syntax, names
 * and helpers, and its fields where it has no expressions.
 */
export async function checkUnusedTemplate(path: string, files: RepositoryFiles): Promise<readonly Problem[]> {
  const text = (await files.read(path)).toString('utf8');
  if (text.includes('{{')) return checkTemplateFile(path, text, { trial: TRIAL, values: OPAQUE, args: OPAQUE });
  try {
    const [document] = readYaml(text, path);
    parseTrialTemplate(document?.value, (at) => ({ file: path, ...(document && { line: document.lineOf(at) }) }));
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}
