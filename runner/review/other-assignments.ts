import type { Assignment, Parameter } from '../model/experiment.ts';

/** Rendering so many takes a fraction of a second. */
export const MOST_OTHERS = 100;

/** What somebody may have tried: the parameters, and the assignments of suggestion files. */
export type Tryable = { parameters: readonly Parameter[]; suggested: readonly { id: string; assignments: Assignment[] }[] };

export type OtherAssignments = {
  assignments: Assignment[][];
  /** What was left out, such as `40 of 50 values of zone`. */
  left: string[];
};

/**
 * The assignments besides those of the first trial that may bring something else into a trial: those of suggestion files, and each value
 * of each categorical parameter, one at a time with all others as in the first trial. At most MOST_OTHERS: first what was not there
 * `before`, then of each parameter, and of the files, equally many.
 */
export function otherAssignments(first: readonly Assignment[], now: Tryable, before?: Tryable): OtherAssignments {
  const candidates = [...fromFiles(now, before), ...now.parameters.flatMap((parameter) => fromValues(parameter, first, before))];
  const inTurn = candidates.toSorted((a, b) => Number(b.isNew) - Number(a.isNew) || a.position - b.position);
  const left = Map.groupBy(inTurn.slice(MOST_OTHERS), ({ among }) => among);
  return {
    assignments: inTurn.slice(0, MOST_OTHERS).map(({ assignments }) => assignments()),
    left: [...left].map(([among, { length }]) => `${length} of ${among}`),
  };
}

type Candidate = { among: string; position: number; isNew: boolean; assignments(): Assignment[] };

function fromFiles({ suggested }: Tryable, before: Tryable | undefined): Candidate[] {
  const known = new Set(before?.suggested.map(({ id }) => id));
  return suggested.map(({ id, assignments }, position) => ({
    among: `${suggested.length} suggestions`,
    position,
    isNew: !known.has(id),
    assignments: () => assignments,
  }));
}

function fromValues(parameter: Parameter, first: readonly Assignment[], before: Tryable | undefined): Candidate[] {
  if (parameter.type !== 'categorical') return [];
  const { name, values } = parameter;
  const earlier = before?.parameters.find((each) => each.name === name);
  const known = new Set(earlier?.type === 'categorical' ? earlier.values : []);
  return values.flatMap((value, position) =>
    first.some((each) => each.name === name && each.value === value)
      ? []
      : [
          {
            among: `${values.length} values of ${name}`,
            position,
            isNew: !known.has(value),
            assignments: () => first.map((each) => (each.name === name ? { name, value } : each)),
          },
        ],
  );
}
