import { posix } from 'node:path';
import { InvalidInput, type Problem } from '../model/errors.ts';
import type { Experiment, TrialTemplateSource } from '../model/experiment.ts';
import { checkExperiment } from './check-experiment.ts';
import { draftValues, type Draft } from './draft.ts';
import { loadSuggestions, type QueuedSuggestion } from './load-suggestions.ts';
import { toProblems, type Finding, type Locate } from './locate.ts';
import { normalizeExperiment } from './normalize.ts';
import { readDefinition } from './read-definition.ts';
import { parseYaml } from './read-yaml.ts';
import type { RepositoryFiles } from './repository-files.ts';
import type { WrittenExperiment } from './schema.ts';
import { findMentionedFiles, findTemplateFiles, readSharedTemplate } from './template-files.ts';

export type LoadedExperiment = {
  /** What the file says, or the folder's name where it does not say. */
  name: string;
  file: string;
  folder: string;
  /** Of the definition; suggestion files have their own. */
  problems: Problem[];
  /** Absent when the definition has problems. */
  experiment?: Experiment;
  /** Absent when too little of the definition could be read. */
  draft?: Draft;
  queue: QueuedSuggestion[];
  /** Where a field of the experiment stands in the file, also where it has another place there. */
  locate: Locate;
  /** Of a legacy file: where its meaning changes. */
  notices: Problem[];
  /** Other documents of the file and of `companions.yaml` beside it, and objects that a legacy file's system would have created: nobody but the user applies them. */
  companions: unknown[];
  /** Shared template, charts and manifests, sorted; what the definition's digest covers besides the file itself. */
  usedFiles: string[];
};

/** Reads one experiment file, what it refers to, and the suggestions beside it. Everything wrong with them is in the result. */
export async function loadExperiment(file: string, files: RepositoryFiles): Promise<LoadedExperiment> {
  try {
    const definition = await loadDefinition(file, files);
    const hasQueue = posix.basename(file) === 'experiment.yaml';
    const queue = hasQueue ? await loadSuggestions(definition, files) : [];
    return { ...definition, queue };
  } catch (error) {
    if (error instanceof InvalidInput) return withoutDefinition(file, error.problems);
    throw error;
  }
}

async function loadDefinition(file: string, files: RepositoryFiles): Promise<LoadedExperiment> {
  const { found, problems } = readDefinition((await files.read(file)).toString('utf8'), file);
  if ('refusal' in found) return withoutDefinition(file, problems.length > 0 ? problems : [{ file, path: '', message: found.refusal }]);
  const { document } = found;
  const inFile: Locate = (path, textLine) => ({ file, line: document.lineOf(path, textLine) });
  const { experiment: written, parameterNames, findings, notices, companions: implied, originalPath } = checkExperiment(document.value);
  const template = written === undefined ? NO_TEMPLATE : await resolveTemplate(written, files);
  const beside = await readCompanions(file, files);
  const missing = template.findings.map(({ path, message }) => ({ path: originalPath(path), message }));
  const all = [...problems, ...toProblems([...findings, ...missing], inFile), ...beside.problems];
  const experiment = written && all.length === 0 ? normalizeExperiment(written, file, template.source) : undefined;
  const draft = written && {
    experiment: normalizeExperiment({ ...written, spec: { ...written.spec, constraints: [] } }, file, template.source),
    values: draftValues(written.spec.parameters, parameterNames),
    originalPath,
  };
  return {
    ...withoutDefinition(file, all),
    name: nameOf(document.value) ?? nameOfFolder(file),
    ...(experiment && { experiment }),
    ...(draft && { draft }),
    locate: (path, textLine) => inFile(originalPath(path), textLine),
    notices: toProblems(notices, inFile),
    companions: [...found.companions.map(({ value }) => value), ...implied, ...beside.companions],
    usedFiles: [...new Set(template.used)].toSorted(),
  };
}

/** `companions.yaml` in the experiment's folder, where `import` puts what stood beside it. */
async function readCompanions(file: string, files: RepositoryFiles): Promise<{ companions: unknown[]; problems: Problem[] }> {
  const path = posix.join(posix.dirname(file), 'companions.yaml');
  if (posix.basename(file) !== 'experiment.yaml' || (await files.list(path)).length === 0) return { companions: [], problems: [] };
  const { documents, problems } = parseYaml((await files.read(path)).toString('utf8'), path, '1.1');
  return { companions: documents.flatMap(({ value }) => (value === null || value === undefined ? [] : [value])), problems };
}

function withoutDefinition(file: string, problems: readonly Problem[]): LoadedExperiment {
  return {
    name: nameOfFolder(file),
    file,
    folder: posix.dirname(file),
    problems: [...problems],
    queue: [],
    locate: () => ({ file }),
    notices: [],
    companions: [],
    usedFiles: [],
  };
}

type ResolvedTemplate = { source: TrialTemplateSource; used: string[]; findings: Finding[] };

const NO_TEMPLATE: ResolvedTemplate = { source: { from: 'inline', template: {} }, used: [], findings: [] };

async function resolveTemplate({ spec }: WrittenExperiment, files: RepositoryFiles): Promise<ResolvedTemplate> {
  if (spec.templateRef === undefined) {
    const { used, findings } = await findTemplateFiles(spec.trialTemplate ?? {}, files);
    return {
      source: { from: 'inline', template: spec.trialTemplate ?? {} },
      used,
      findings: findings.map(({ path, message }) => ({ path: ['spec', 'trialTemplate', ...path], message })),
    };
  }
  const { name, with: args = {} } = spec.templateRef;
  const shared = await readSharedTemplate(name, files);
  if ('missing' in shared) return { ...NO_TEMPLATE, findings: [{ path: ['spec', 'templateRef', 'name'], message: shared.missing }] };
  const mentioned = await findMentionedFiles(`${shared.text}\n${JSON.stringify(args)}`, spec.parameters, files);
  return { source: { from: 'file', ...shared, with: args }, used: [shared.path, ...mentioned], findings: [] };
}

function nameOf(document: any): string | undefined {
  const name: unknown = document?.metadata?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function nameOfFolder(file: string): string {
  return posix.basename(posix.dirname(file));
}
