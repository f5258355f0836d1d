import { dump, load, YAMLException } from 'js-yaml';
import { InvalidInput, type Problem } from '../model/errors.ts';
import { API_VERSION } from '../model/names.ts';
import type { TrialRecord } from '../model/record.ts';

/**
 * The record as the text of its file: YAML in the key order of model/record.ts, times and other strings that another YAML reader could
 * take for something else in quotes, logs as block scalars, no anchors, no folded lines. The same record gives the same bytes.
 */
export function formatRecord(record: TrialRecord): string {
  return dump(inFileOrder(record), { lineWidth: -1, noRefs: true });
}

/** The record in a file's text; the inverse of formatRecord. Throws InvalidInput that names `path` when it is not a record. */
export function parseRecord(text: string, path: string): TrialRecord {
  const document = parseYaml(text, path);
  const missing = missingField(document);
  if (missing !== undefined) throw invalid({ file: path, ...missing });
  return document as TrialRecord;
}

/** Each known key stands after those that precede it in model/record.ts; the types there never disagree about an order. */
const FILE_ORDER: readonly string[] = [
  ['apiVersion', 'kind', 'metadata', 'spec'],
  ['experiment', 'number', 'name', 'assignments', 'source', 'baseline', 'definition', 'slot', 'runner', 'uid'],
  ['commit', 'digest', 'version', 'run'],
  ['target', 'value', 'error', 'type', 'path', 'blob', 'index', 'of', 'url', 'effect', 'generation'],
  ['phase', 'failure', 'startTime', 'completionTime', 'values', 'conditions', 'stages', 'patches', 'images', 'setupDeletion'],
  ['stage', 'startedAt', 'finishedAt', 'pod', 'container', 'exitCode', 'status', 'reason', 'message', 'infrastructure', 'evidence'],
  ['containers', 'events', 'refused', 'metric', 'log', 'query', 'raw', 'time', 'lastTransitionTime'],
].flat();

const RANKS: ReadonlyMap<string, number> = new Map(FILE_ORDER.map((key, rank) => [key, rank]));

function inFileOrder(value: unknown): unknown {
  // A log cut inside a surrogate pair has no UTF-8 form; what cannot be stored must not be compared either.
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(inFileOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  entries.sort(([a], [b]) => rankOf(a) - rankOf(b));
  return Object.fromEntries(entries.map(([key, field]) => [key, inFileOrder(field)]));
}

function rankOf(key: string): number {
  return RANKS.get(key) ?? RANKS.size;
}

function parseYaml(text: string, path: string): unknown {
  try {
    return load(text, { filename: path });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? {} : { line: error.mark.line + 1 };
    throw invalid({ file: path, ...line, path: '', message: `not YAML: ${error.reason}` }, error);
  }
}

function invalid(problem: Problem, cause?: unknown): InvalidInput {
  return new InvalidInput([problem], cause === undefined ? undefined : { cause });
}

/** Only what the runner relies on: records are written by the runner, and reading ten thousand must stay cheap. */
function missingField(document: unknown): Pick<Problem, 'path' | 'message'> | undefined {
  const record = document as Partial<TrialRecord> | null | undefined;
  if (record?.apiVersion !== API_VERSION || record.kind !== 'Trial') {
    return { path: 'kind', message: `not a trial record; apiVersion must be ${API_VERSION} and kind Trial` };
  }
  const { spec, status } = record;
  if (typeof spec?.experiment !== 'string') return { path: 'spec.experiment', message: 'must be the name of the experiment' };
  if (!Number.isSafeInteger(spec.number) || spec.number < 1) return { path: 'spec.number', message: 'must be a whole number from 1' };
  if (typeof spec.uid !== 'string') return { path: 'spec.uid', message: 'must be the uid of the trial' };
  if (!Array.isArray(spec.assignments)) return { path: 'spec.assignments', message: 'must be a list' };
  if (typeof spec.definition?.digest !== 'string') return { path: 'spec.definition.digest', message: 'must be a digest' };
  if (status?.phase !== 'Completed' && status?.phase !== 'Failed') {
    return { path: 'status.phase', message: `must be Completed or Failed, not ${JSON.stringify(status?.phase)}` };
  }
  if (!Array.isArray(status.values)) return { path: 'status.values', message: 'must be a list' };
  return undefined;
}
