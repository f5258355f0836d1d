import { createHash, randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dump } from 'js-yaml';
import { loadRepository } from '../definition/load-repository.ts';
import { openRepository } from '../definition/repository-files.ts';
import { InvalidInput, UsageError } from '../model/errors.ts';
import type { Assignment, Experiment } from '../model/experiment.ts';
import { API_VERSION } from '../model/names.ts';
import { checkAssignments } from '../model/parameter-space.ts';
import type { ExperimentsApi } from '../remote/experiments-api.ts';
import { toRemote } from '../remote/remote-assignments.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { unknownExperiment } from '../select-experiments.ts';
import { askAssignments } from './ask-assignments.ts';
import { chooseAssignments, defaultValue, parseAssigned, type DefaultChoice } from './choose-assignments.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { findRoot } from './find-root.ts';
import { remoteApi, type RemoteFlags } from './remote-api.ts';
import { readVersion } from './version.ts';

type SuggestFlags = RemoteFlags & {
  assign?: string[];
  default: DefaultChoice;
  interactive?: boolean;
  force?: boolean;
  label?: string[];
  name?: string;
  remote?: boolean;
};

/** A request to the remote API is tried again for so long while somebody waits for the command. Milliseconds. */
const REMOTE_RETRY = 10_000;

type Suggestion = { assignments: Assignment[]; labels: Record<string, string> };

/**
 * `fieldtrial suggest`: checked assignments as a file in the experiment's suggestions/, to be committed and reviewed; or in the queue of
 * the remote API, where that is asked for, or is the experiment's source and configured.
 */
export async function suggestCommand(name: string, flags: SuggestFlags, context: CommandContext): Promise<number> {
  const { output, cwd } = context;
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
  const { experiment } = loaded;
  if (experiment === undefined) throw new InvalidInput(loaded.problems);
  const api = remoteApi(flags, context, { version: await readVersion(), retryFor: REMOTE_RETRY });
  if (flags.remote === true && api === undefined) throw new UsageError('--remote needs --remote-url, the server of the remote API');

  const labels = parseLabels(flags.label ?? []);
  const assignments = await choose(experiment, flags, context);
  const problems = checkAssignments(experiment.parameters, experiment.constraints, assignments);
  if (problems.length > 0) throw new UsageError(problems.join('; '));

  const suggestion = { assignments, labels };
  const values = assignments.map(({ name: parameter, value }) => `${parameter}=${value}`).join(' ');
  const isRemote = flags.remote === true || experiment.suggest.source === 'remote';
  if (isRemote && api !== undefined) {
    output.data(await send(experiment, suggestion, api, context.signal));
    output.say(`the remote API hands it out before anything of its own: ${values}`);
    return EXIT.done;
  }
  output.data(relative(cwd, await write(join(root, loaded.folder, 'suggestions'), suggestion, flags.name, cwd)));
  output.say(`commit and push it; the next run tries ${values}`);
  return EXIT.done;
}

async function choose(experiment: Experiment, flags: SuggestFlags, context: CommandContext): Promise<Assignment[]> {
  const assigned = parseAssigned(experiment, flags.assign ?? []);
  const seed = randomInt(2 ** 31);
  if (flags.interactive !== true) return chooseAssignments(experiment, assigned, flags.default, seed);
  if (flags.force !== true && !context.input.isTerminal)
    throw new UsageError('--interactive needs a terminal to ask at; --force reads the answers from a pipe');
  return askAssignments(experiment, assigned, (name, chosen) => defaultValue(experiment, name, chosen, flags.default, seed), context);
}

/** Resolves with the URL of the queued trial. */
async function send(
  experiment: Experiment,
  { assignments, labels }: Suggestion,
  api: ExperimentsApi,
  signal: AbortSignal,
): Promise<string> {
  const { name, parameters } = experiment;
  try {
    const { links, url } = await api.get(name, signal);
    const trials = links.get('trials') ?? `${url}/trials`;
    const body = { assignments: toRemote(parameters, assignments), ...(Object.keys(labels).length > 0 && { labels }) };
    return (await api.suggest(trials, body, signal)) ?? trials;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (error.reason === 'experiment-not-found')
      throw new UsageError(`the remote API has no experiment "${name}" yet; the first run creates it`, { cause: error });
    if (!error.uncertain) throw error;
    const message = `${error.message}; it may have been accepted all the same, so look at its trials before suggesting it again`;
    throw new RemoteError(error.reason, message, { status: error.status, uncertain: true, cause: error });
  }
}

/** Resolves with the file's path. */
async function write(folder: string, { assignments, labels }: Suggestion, name: string | undefined, cwd: string): Promise<string> {
  const spec = { assignments, ...(Object.keys(labels).length > 0 && { labels }) };
  const text = dump({ apiVersion: API_VERSION, kind: 'Suggestion', spec }, { lineWidth: -1 });
  const file = join(folder, `${fileName(name) ?? createHash('sha256').update(text).digest('hex').slice(0, 8)}.yaml`);
  await mkdir(folder, { recursive: true });
  await writeNew(file, text, cwd);
  return file;
}

function parseLabels(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=');
    if (at <= 0) throw new UsageError(`"${text}" is no label; expected key=value`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

/** A name inside the folder, whether or not it was given with its extension. */
function fileName(name: string | undefined): string | undefined {
  if (name === undefined || /^[\w-][\w.-]*$/.test(name)) return name?.replace(/\.ya?ml$/, '');
  throw new UsageError(`--name "${name}" is no file name; use letters, digits, hyphens and dots`);
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
