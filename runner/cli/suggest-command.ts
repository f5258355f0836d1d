import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dump } from 'js-yaml';
import { loadRepository } from '../definition/load-repository.ts';
import { openRepository } from '../definition/repository-files.ts';
import { InvalidInput, UsageError } from '../model/errors.ts';
import type { Assignment, Experiment, Parameter } from '../model/experiment.ts';
import { API_VERSION } from '../model/names.ts';
import { checkAssignments, unknownParameter } from '../model/parameter-space.ts';
import { unknownExperiment } from '../select-experiments.ts';
import { EXIT } from './exit-code.ts';
import { findRoot } from './find-root.ts';
import type { CommandContext } from './command-context.ts';

type SuggestFlags = { assign?: string[]; default: 'none' | 'min' | 'max' | 'baseline'; name?: string };

/** `fieldtrial suggest`: writes checked assignments as a file into the experiment's suggestions/, to be committed and reviewed. */
export async function suggestCommand(name: string, flags: SuggestFlags, { output, cwd }: CommandContext): Promise<number> {
  const root = findRoot(cwd);
  const { experiments } = await loadRepository(openRepository(root));
  const loaded = experiments.find((each) => each.name === name);
  if (loaded === undefined) {
    throw new UsageError(
      unknownExperiment(
        name,
        experiments.map((each) => each.name),
      ),
    );
  }
  if (loaded.experiment === undefined) throw new InvalidInput(loaded.problems);
  const assignments = chooseAssignments(loaded.experiment, flags);
  const problems = checkAssignments(loaded.experiment.parameters, loaded.experiment.constraints, assignments);
  if (problems.length > 0) throw new UsageError(problems.join('; '));

  const text = dump({ apiVersion: API_VERSION, kind: 'Suggestion', spec: { assignments } }, { lineWidth: -1 });
  const folder = join(root, loaded.folder, 'suggestions');
  const file = join(folder, `${fileName(flags.name) ?? createHash('sha256').update(text).digest('hex').slice(0, 8)}.yaml`);
  await mkdir(folder, { recursive: true });
  await writeNew(file, text, cwd);
  output.data(relative(cwd, file));
  output.say(
    `commit and push it; the next run tries ${assignments.map(({ name: parameter, value }) => `${parameter}=${value}`).join(' ')}`,
  );
  return EXIT.done;
}

function chooseAssignments({ parameters }: Experiment, flags: SuggestFlags): Assignment[] {
  const given = new Map((flags.assign ?? []).map(parseAssignment));
  const known = parameters.map(({ name }) => name);
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(unknown.map((name) => unknownParameter(name, known)).join('; '));
  }
  const missing = parameters.filter((parameter) => !given.has(parameter.name) && defaultValue(parameter, flags.default) === undefined);
  if (missing.length > 0) {
    throw new UsageError(
      `no value for ${missing.map(({ name }) => name).join(', ')}; give -A ${missing[0]?.name}=VALUE or --default min, max or baseline`,
    );
  }
  return parameters.map((parameter) => {
    const text = given.get(parameter.name);
    const value = text === undefined ? defaultValue(parameter, flags.default) : parseValue(parameter, text);
    return { name: parameter.name, value: value ?? '' };
  });
}

/** A name inside the folder, whether or not it was given with its extension. */
function fileName(name: string | undefined): string | undefined {
  if (name === undefined || /^[\w-][\w.-]*$/.test(name)) return name?.replace(/\.ya?ml$/, '');
  throw new UsageError(`--name "${name}" is no file name; use letters, digits, hyphens and dots`);
}

function parseAssignment(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`"${text}" is no assignment; expected name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseValue(parameter: Parameter, text: string): number | string {
  if (parameter.type === 'categorical') return text;
  // What is no number stays text, and the check says what is expected.
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function defaultValue(parameter: Parameter, choice: SuggestFlags['default']): number | string | undefined {
  if (choice === 'none') return undefined;
  if (choice === 'baseline') return parameter.baseline;
  if (parameter.type === 'categorical') return choice === 'min' ? parameter.values[0] : parameter.values.at(-1);
  return choice === 'min' ? parameter.min : parameter.max;
}

async function writeNew(file: string, text: string, cwd: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new UsageError(`${relative(cwd, file)} is there already; choose another --name`, { cause: error });
    throw error;
  }
}
