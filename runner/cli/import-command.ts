import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { importExperiment, type ImportedExperiment } from '../definition/legacy/import-experiment.ts';
import { UsageError, formatProblem } from '../model/errors.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { findRoot } from './find-root.ts';

type ImportFlags = { out?: string; write?: boolean; force?: boolean };

/** `fieldtrial import`: files of the ancestor as files of ours, on stdout, in a file or in the repository. */
export async function importCommand(files: string[], flags: ImportFlags, { output, cwd }: CommandContext): Promise<number> {
  if (flags.write === true && flags.out !== undefined) throw new UsageError('--write and --out exclude each other');
  const place = flags.write === true ? join(findRoot(cwd), 'experiments') : flags.out === undefined ? undefined : resolve(cwd, flags.out);
  const isFolder = flags.write === true || (flags.out !== undefined && isFolderName(flags.out, place!));
  if (files.length > 1 && place !== undefined && !isFolder)
    throw new UsageError(`--out ${flags.out} is one file; give a folder for several experiments`);

  const imports = await Promise.all(files.map(async (file) => importExperiment(await read(file, cwd), file)));
  for (const { notices, problems } of imports) {
    for (const notice of notices) output.say(`note: ${formatProblem(notice)}`);
    for (const problem of problems) output.say(formatProblem(problem));
  }
  const imported = imports.flatMap((each) => each.imported ?? []);
  if (place === undefined) {
    if (imported.length > 0) output.data(imported.map(inOneFile).join('---\n'));
  } else {
    const texts = imported.flatMap((each) => (isFolder ? inFolder(each, place) : [{ path: place, text: inOneFile(each) }]));
    if (flags.force !== true) refuseExisting(texts, cwd);
    for (const { path, text } of texts) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      output.data(relative(cwd, path));
    }
  }
  const beside = imported.filter(({ companions }) => companions !== undefined).map(({ name }) => name);
  if (beside.length > 0)
    output.say(`other objects of ${beside.join(', ')} are kept beside the experiment; nobody applies them but you, with kubectl`);
  const problems = imports.flatMap((each) => each.problems);
  output.say(
    `${imported.length} of ${files.length} file${files.length === 1 ? '' : 's'} converted, ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
  );
  return problems.length > 0 ? EXIT.invalid : EXIT.done;
}

function isFolderName(given: string, path: string): boolean {
  return given.endsWith('/') || (existsSync(path) && statSync(path).isDirectory());
}

async function read(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`there is no file ${file}`, { cause: error });
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder; name the files`, { cause: error });
    throw error;
  }
}

function inOneFile({ experiment, companions }: ImportedExperiment): string {
  return companions === undefined ? experiment : `${experiment}---\n${companions}`;
}

function inFolder({ name, experiment, companions }: ImportedExperiment, folder: string): { path: string; text: string }[] {
  const beside = companions === undefined ? [] : [{ path: join(folder, name, 'companions.yaml'), text: companions }];
  return [{ path: join(folder, name, 'experiment.yaml'), text: experiment }, ...beside];
}

/** Before the first one is written: half an import would be worse than none. */
function refuseExisting(texts: readonly { path: string }[], cwd: string): void {
  const existing = texts.filter(({ path }) => existsSync(path)).map(({ path }) => relative(cwd, path));
  if (existing.length === 0) return;
  throw new UsageError(
    `${existing.join(', ')} ${existing.length === 1 ? 'is' : 'are'} there already; --force writes over ${existing.length === 1 ? 'it' : 'them'}`,
  );
}
