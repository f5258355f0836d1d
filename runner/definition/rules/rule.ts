import type { Finding, Path } from '../locate.ts';
import type { WrittenExperiment } from '../schema.ts';

export type RuleInput = {
  /** Without the parts that the schema refused. */
  experiment: WrittenExperiment;
  /** All that were written, also of parameters that the schema refused. */
  parameterNames: readonly string[];
};

/** One cross-field rule: what an experiment breaks of it. */
export type Rule = (input: RuleInput) => Finding[];

export function finding(path: Path, message: string): Finding {
  return { path, message };
}

/** One finding per name that an earlier item of the list already has. */
export function duplicateNames(items: readonly { name?: string | undefined }[], list: Path): Finding[] {
  return items.flatMap(({ name }, index) => {
    const first = items.findIndex((other) => other.name === name);
    return name === undefined || first === index
      ? []
      : [finding([...list, index, 'name'], `"${name}" is already the name of item ${first + 1} of this list`)];
  });
}
