import {
  CORE_SCHEMA,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  SCALAR_STYLE_LITERAL_BLOCK,
  SCALAR_STYLE_PLAIN,
  Schema,
  YAMLException,
  boolCoreTag,
  boolYaml11Tag,
  constructFromEvents,
  getScalarValue,
  intCoreTag,
  mergeTag,
  parseEvents,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import { InvalidInput, type Problem } from '../model/errors.ts';
import { formatPath, type Path } from './locate.ts';

export type YamlDocument = {
  /** Plain JSON data, aliases expanded. */
  value: unknown;
  /**
   * 1-based line of a field's key or of a list's item; for a field that is not there, of the nearest parent that is. With `textLine` that
   * line of the field's text, where it is a text whose lines stand in the file as they are (`|`).
   */
  lineOf(path: Path, textLine?: number): number;
};

/** Aliases of aliases grow exponentially, and one may contain itself; no honest file comes near these limits. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 200;

const OCTAL = /^[-+]?0[0-7]+$/;

const intYaml11Tag: typeof intCoreTag = {
  ...intCoreTag,
  resolve: (source, isExplicit, tagName) =>
    OCTAL.test(source) ? Number.parseInt(source, 8) : intCoreTag.resolve(source, isExplicit, tagName),
};

/** As kubectl reads YAML: `yes` and `on` are booleans, a leading zero makes a number octal, `<<` merges a mapping. */
const YAML_1_1 = new Schema([
  ...CORE_SCHEMA.tags.map((tag) => (tag === boolCoreTag ? boolYaml11Tag : tag === intCoreTag ? intYaml11Tag : tag)),
  mergeTag,
]);

/** The documents of a YAML text; throws InvalidInput with every problem of `parseYaml`. */
export function readYaml(source: string, file: string): YamlDocument[] {
  const { documents, problems } = parseYaml(source, file);
  if (problems.length > 0) throw new InvalidInput(problems);
  return documents;
}

/**
 * The documents of a YAML 1.2 text (core schema: `yes` and timestamps are text), or of YAML 1.1, and what is wrong with it. Of a duplicate key the last
 * value is kept, so that the rest can still be checked; a text that does not parse has no documents and one problem.
 */
export function parseYaml(
  source: string,
  file: string,
  version: '1.1' | '1.2' = '1.2',
): { documents: YamlDocument[]; problems: Problem[] } {
  try {
    const events = parseEvents(source, { filename: file });
    const values = constructFromEvents(events, { source, filename: file, schema: version === '1.1' ? YAML_1_1 : CORE_SCHEMA, json: true });
    const { documents, blocks, duplicates, octals } = findPlaces(source, events);
    const lineAt = lineCounter(source);
    return {
      documents: values.map((value, index) => ({
        value: events.some(({ type }) => type === EVENT_ALIAS) ? expandAliases(value, { left: MAX_VALUES }, 0) : value,
        lineOf: (path, textLine) => {
          const block = textLine === undefined ? undefined : blocks[index]!.get(JSON.stringify(path));
          return block === undefined ? lineAt(nearestOffset(documents[index]!, path)) : lineAt(block) + textLine! - 1;
        },
      })),
      problems: [
        ...duplicates
          .filter(({ path }) => !duplicates.some((outer) => isInside(path, outer.path)))
          .map(({ path, first, second }) => ({
            file,
            line: lineAt(second),
            path: formatPath(path),
            message: `the key is there twice, first on line ${lineAt(first)}; remove one`,
          })),
        ...(version === '1.1' ? [] : octals).map(({ path, offset, text }) => ({
          file,
          line: lineAt(offset),
          path: formatPath(path),
          message: explainOctal(text),
        })),
      ],
    };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? {} : { line: error.mark.line + 1 };
    return { documents: [], problems: [{ file, ...line, path: '', message: `not valid YAML: ${error.reason}` }] };
  }
}

/** Offsets by path (as JSON), of every key and item of one document. */
type Offsets = Map<string, number>;
type Duplicate = { path: Path; first: number; second: number };
type Octal = { path: Path; offset: number; text: string };
type NodeEvent = Exclude<Event, { type: typeof EVENT_POP | typeof EVENT_DOCUMENT }>;
type Frame =
  | { kind: 'document' }
  | { kind: 'sequence'; path: Path; index: number }
  | { kind: 'mapping'; path: Path; key?: { name: string; offset: number } };

type Places = {
  documents: Offsets[];
  /** Where the texts of literal blocks begin. */
  blocks: Offsets[];
  duplicates: Duplicate[];
  octals: Octal[];
};

function findPlaces(source: string, events: readonly Event[]): Places {
  const documents: Offsets[] = [];
  const blocks: Offsets[] = [];
  const duplicates: Duplicate[] = [];
  const octals: Octal[] = [];
  const frames: Frame[] = [];
  for (const event of events) {
    const frame = frames.at(-1);
    if (event.type === EVENT_DOCUMENT) {
      documents.push(new Map());
      blocks.push(new Map());
      frames.push({ kind: 'document' });
    } else if (event.type === EVENT_POP) {
      frames.pop();
      advance(frames.at(-1));
    } else if (frame?.kind === 'mapping' && frame.key === undefined) {
      frame.key = { name: keyName(source, event), offset: startOf(event) };
    } else {
      const path = place(frame, startOf(event), documents.at(-1)!, duplicates);
      if (event.type === EVENT_SCALAR && event.style === SCALAR_STYLE_LITERAL_BLOCK)
        blocks.at(-1)!.set(JSON.stringify(path), event.valueStart);
      if (isOctal(source, event)) octals.push({ path, offset: startOf(event), text: getScalarValue(source, event) });
      if (event.type === EVENT_SCALAR || event.type === EVENT_ALIAS) advance(frame);
      else frames.push(event.type === EVENT_MAPPING ? { kind: 'mapping', path } : { kind: 'sequence', path, index: 0 });
    }
  }
  return { documents, blocks, duplicates, octals };
}

/** kubectl and helm read YAML 1.1, where a leading zero makes a number octal: a file must not mean 0o640 to them and 640 to us. */
function isOctal(source: string, event: NodeEvent): event is ScalarEvent {
  return (
    event.type === EVENT_SCALAR && event.style === SCALAR_STYLE_PLAIN && event.tagStart < 0 && OCTAL.test(getScalarValue(source, event))
  );
}

function explainOctal(text: string): string {
  const octal = text.replace(/^([-+]?)0+(?=.)/, '$10o');
  return `${text} is octal to kubectl and decimal in YAML 1.2; write ${octal}, ${Number(text)}, or "${text}" for text`;
}

/** Notes where a value stands: at its key in a mapping, else at its own first character. */
function place(frame: Frame | undefined, offset: number, offsets: Offsets, duplicates: Duplicate[]): Path {
  if (frame === undefined || frame.kind === 'document') {
    offsets.set('[]', offset);
    return [];
  }
  if (frame.kind === 'sequence') {
    const path = [...frame.path, frame.index];
    // An empty item (`-` alone) has no place of its own; its list's will do.
    if (offset >= 0) offsets.set(JSON.stringify(path), offset);
    return path;
  }
  const path = [...frame.path, frame.key?.name ?? ''];
  const at = frame.key?.offset ?? offset;
  const first = offsets.get(JSON.stringify(path));
  if (first !== undefined) duplicates.push({ path, first, second: at });
  offsets.set(JSON.stringify(path), at);
  return path;
}

/** The next event of this frame is its next item or key. */
function advance(frame: Frame | undefined): void {
  if (frame?.kind === 'sequence') frame.index += 1;
  if (frame?.kind === 'mapping') delete frame.key;
}

/** Keys that are collections were refused before. */
function keyName(source: string, event: NodeEvent): string {
  if (event.type === EVENT_SCALAR) return getScalarValue(source, event);
  return source.slice(event.anchorStart, event.anchorEnd);
}

function startOf(event: NodeEvent): number {
  if ('start' in event) return event.start;
  return 'valueStart' in event ? event.valueStart : event.anchorStart;
}

function nearestOffset(offsets: Offsets, path: Path): number {
  const lengths = Array.from({ length: path.length + 1 }, (_, cut) => path.length - cut);
  const found = lengths.map((length) => offsets.get(JSON.stringify(path.slice(0, length)))).find((offset) => offset !== undefined);
  return found ?? 0;
}

/** Below a key that is there twice, all keys are. */
function isInside(path: Path, outer: Path): boolean {
  return outer.length < path.length && outer.every((step, index) => path[index] === step);
}

function lineCounter(source: string): (offset: number) => number {
  const starts = [0, ...source.matchAll(/\n/g).map(({ index }) => index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** A copy in which nothing is shared: later steps walk trees, and a tree of aliases may be endless. */
function expandAliases(value: unknown, budget: { left: number }, depth: number): unknown {
  budget.left -= 1;
  if (budget.left < 0) throw new YAMLException(`aliases expand to more than ${MAX_VALUES} values`);
  if (depth > MAX_DEPTH) throw new YAMLException(`aliases nest more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) return value.map((item) => expandAliases(item, budget, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAliases(item, budget, depth + 1)]));
}
