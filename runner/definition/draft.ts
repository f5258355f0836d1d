import type { Experiment, ParameterValue } from '../model/experiment.ts';
import type { Path } from './locate.ts';
import type { WrittenParameter } from './schema.ts';

/** What could be read of a definition, with problems or without: its templates are checked, and nothing else may come of it. */
export type Draft = {
  /** Without constraints, which may be broken, and without the items of lists that the schema refused. */
  experiment: Experiment;
  values: DraftValues;
  /** Where a field of `experiment` stands in the document. */
  originalPath(path: Path): Path;
};

/** A value for every parameter: undefined where even its type is in doubt; undefined as a whole where not even all names are known. */
export type DraftValues = Readonly<Record<string, ParameterValue | undefined>> | undefined;

/** `names` are those of all parameters that were written, undefined where one has none. */
export function draftValues(parameters: readonly WrittenParameter[], names: readonly string[] | undefined): DraftValues {
  if (names === undefined) return undefined;
  return Object.fromEntries(names.map((name) => [name, onlyValue(parameters.filter((each) => each.name === name))]));
}

function onlyValue([parameter, ...others]: readonly WrittenParameter[]): ParameterValue | undefined {
  if (parameter === undefined || others.length > 0) return undefined;
  const { values, min, max } = parameter;
  if (values !== undefined) return min === undefined && max === undefined ? values[0] : undefined;
  return max === undefined ? undefined : min;
}
