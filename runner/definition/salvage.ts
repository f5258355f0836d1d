import { checkSchema, type SchemaFinding } from './check-schema.ts';
import type { Path } from './locate.ts';
import { experimentSchema, type WrittenExperiment } from './schema.ts';

/** What can still be judged of an experiment with schema findings, and where its fields really stand. */
export type Salvaged = { experiment: WrittenExperiment; originalPath(path: Path): Path };

/** Lists whose items stand for themselves: without one of them the others can still be judged. */
const LISTS: readonly Path[] = [
  ['spec', 'parameters'],
  ['spec', 'constraints'],
  ['spec', 'metrics'],
  ['spec', 'patches'],
  ['spec', 'trialTemplate', 'spec', 'setupTasks'],
  ['spec', 'trialTemplate', 'spec', 'readinessGates'],
];

/**
 * The experiment without the fields and items that the schema refused, so that one typo does not hide what else is wrong.
 * undefined when too little is left, such as no name or no parameter.
 */
export function salvage(document: unknown, findings: readonly SchemaFinding[]): Salvaged | undefined {
  const copy = structuredClone(document);
  const refused = findings.filter(({ unknown }) => !unknown).map(({ path }) => path);
  findings.filter(({ unknown }) => unknown).forEach(({ path }) => removeField(copy, path));
  for (const path of refused.filter((each) => listOf(each) === undefined)) removeField(copy, path.slice(0, 2));
  const lists = LISTS.map((list) => ({ list, kept: removeItems(copy, list, refused) }));
  const checked = checkSchema(experimentSchema, copy);
  return checked.ok ? { experiment: checked.value, originalPath: (path) => restoreIndex(path, lists) } : undefined;
}

function listOf(path: Path): Path | undefined {
  return LISTS.find((list) => startsWith(path, list) && typeof path[list.length] === 'number');
}

function removeField(root: unknown, path: Path): void {
  const parent: any = valueAt(root, path.slice(0, -1));
  if (typeof parent === 'object' && parent !== null) delete parent[path.at(-1)!];
}

/** Takes the refused items out of a list; returns the original indexes of what is left. */
function removeItems(root: unknown, list: Path, refused: readonly Path[]): number[] {
  const items = valueAt(root, list);
  if (!Array.isArray(items)) return [];
  const dropped = new Set(refused.filter((path) => startsWith(path, list)).map((path) => path[list.length]));
  const kept = [...items.keys()].filter((index) => !dropped.has(index));
  items.splice(0, items.length, ...kept.map((index) => items[index]));
  return kept;
}

function restoreIndex(path: Path, lists: readonly { list: Path; kept: readonly number[] }[]): Path {
  const moved = lists.find(({ list }) => startsWith(path, list) && typeof path[list.length] === 'number');
  if (moved === undefined) return path;
  const { list, kept } = moved;
  return [...list, kept[path[list.length] as number]!, ...path.slice(list.length + 1)];
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce((value: any, step) => value?.[step], root);
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
