import type { Problem } from '../model/errors.ts';
import type { Assignment, Experiment } from '../model/experiment.ts';
import { checkAssignments, withConstants } from '../model/parameter-space.ts';
import { checkSchema } from './check-schema.ts';
import { gitBlob } from './git-blob.ts';
import { toProblems, type Finding } from './locate.ts';
import { parseYaml, type YamlDocument } from './read-yaml.ts';
import type { RepositoryFiles } from './repository-files.ts';
import { plainSuggestionSchema, suggestionSchema } from './suggestion-schema.ts';

/** A file of `suggestions/`: what somebody wants tried, known by path and content. */
export type QueuedSuggestion = {
  path: string;
  /** Digest of the content as git computes it. */
  blob: string;
  /** In the parameters' order; empty when the file has problems. */
  assignments: Assignment[];
  problems: Problem[];
};

/**
 * The suggestion files of an experiment's folder, by name. Their assignments are checked against the experiment when there is a valid one;
 * a bad file is no reason not to run the experiment, so its problems are its own.
 */
export async function loadSuggestions(
  { folder, name, experiment }: { folder: string; name: string; experiment?: Experiment },
  files: RepositoryFiles,
): Promise<QueuedSuggestion[]> {
  const paths = (await files.list(`${folder}/suggestions`)).filter((path) => /\.ya?ml$/.test(path));
  return Promise.all(paths.map(async (path) => readSuggestion(path, await files.read(path), name, experiment)));
}

function readSuggestion(path: string, content: Buffer, name: string, experiment: Experiment | undefined): QueuedSuggestion {
  const { documents, problems } = parseYaml(content.toString('utf8'), path);
  const file = { path, blob: gitBlob(content) };
  const [document] = documents;
  if (problems.length > 0) return { ...file, assignments: [], problems };
  if (document === undefined || documents.length > 1) {
    const message = `holds ${documents.length} documents; expected one suggestion`;
    return { ...file, assignments: [], problems: [{ file: path, path: '', message }] };
  }
  const { assignments, findings } = checkSuggestion(document, name, experiment);
  return {
    ...file,
    assignments: findings.length > 0 ? [] : assignments,
    problems: toProblems(findings, (field) => ({ file: path, line: document.lineOf(field) })),
  };
}

function checkSuggestion(
  { value }: YamlDocument,
  name: string,
  experiment: Experiment | undefined,
): { assignments: Assignment[]; findings: Finding[] } {
  const hasEnvelope =
    typeof value === 'object' && value !== null && ['apiVersion', 'kind', 'spec'].some((field) => Object.hasOwn(value, field));
  const checked = hasEnvelope ? checkSchema(suggestionSchema, value) : checkSchema(plainSuggestionSchema, value);
  if (!checked.ok) return { assignments: [], findings: checked.findings };
  const spec = 'spec' in checked.value ? checked.value.spec : { ...checked.value, experiment: undefined };
  const at = hasEnvelope ? ['spec'] : [];
  const elsewhere =
    spec.experiment === undefined || spec.experiment === name
      ? []
      : [
          {
            path: [...at, 'experiment'],
            message: `"${spec.experiment}" is not the experiment of this folder, which is "${name}"`,
          },
        ];
  if (experiment === undefined) return { assignments: spec.assignments, findings: elsewhere };
  const assignments = withConstants(experiment.parameters, spec.assignments);
  const misfits = checkAssignments(experiment.parameters, experiment.constraints, assignments);
  return {
    assignments,
    findings: [...elsewhere, ...misfits.map((message) => ({ path: [...at, 'assignments'], message }))],
  };
}
