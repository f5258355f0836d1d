import { UsageError } from '../model/errors.ts';
import type { Assignment, Experiment, Parameter, ParameterValue } from '../model/experiment.ts';
import { constantValue, unknownParameter, valueProblem } from '../model/parameter-space.ts';
import { nextRandom } from '../plan/sources/random.ts';

/** Where the value of a parameter comes from that nobody assigns. */
export type DefaultChoice = 'none' | 'min' | 'max' | 'random' | 'baseline';

type Space = Pick<Experiment, 'parameters' | 'constraints'>;

/** What `name=value` texts assign, each a value that its parameter can take. Throws UsageError that names every one that is not. */
export function parseAssigned({ parameters }: Space, texts: readonly string[]): Map<string, ParameterValue> {
  const given = texts.map(parsePair);
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const problems = given.flatMap(([name, text]) => {
    const parameter = known.get(name);
    if (parameter === undefined) return [unknownParameter(name, [...known.keys()])];
    const problem = valueProblem(parameter, parseValue(parameter, text));
    return problem === undefined ? [] : [`parameter "${name}": ${problem}`];
  });
  if (problems.length > 0) throw new UsageError(problems.join('; '));
  return new Map(given.map(([name, text]) => [name, parseValue(known.get(name)!, text)]));
}

/** A value as somebody types it; what is no number stays text, and the check says what is expected. */
export function parseValue(parameter: Parameter, text: string): ParameterValue {
  if (parameter.type === 'categorical') return text;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * The default of a parameter once others are `chosen`; undefined when the choice has none for it. Of categories the first is the least and
 * the last the greatest; a random value leaves the parameters after it values that meet the constraints. `seed` decides which.
 */
export function defaultValue(
  { parameters, constraints }: Space,
  name: string,
  chosen: ReadonlyMap<string, ParameterValue>,
  choice: DefaultChoice,
  seed: number,
): ParameterValue | undefined {
  const parameter = parameters.find((each) => each.name === name)!;
  const constant = constantValue(parameter);
  if (constant !== undefined || choice === 'none') return constant;
  if (choice === 'baseline') return parameter.baseline;
  if (choice === 'random') {
    const fixed = parameters.map((each) => (chosen.has(each.name) ? fixedAt(each, chosen.get(each.name)!) : each));
    const point = nextRandom({ parameters: fixed, constraints, tried: new Set(), index: 0, seed });
    return point?.assignments.find((each) => each.name === name)?.value;
  }
  if (parameter.type === 'categorical') return choice === 'min' ? parameter.values[0] : parameter.values.at(-1);
  return choice === 'min' ? parameter.min : lastStep(parameter);
}

/** A value for every parameter, those that are not `assigned` by default. Throws UsageError that names the ones without. */
export function chooseAssignments(
  space: Space,
  assigned: ReadonlyMap<string, ParameterValue>,
  choice: DefaultChoice,
  seed: number,
): Assignment[] {
  const chosen = new Map(assigned);
  for (const { name } of space.parameters) {
    const value = chosen.get(name) ?? defaultValue(space, name, chosen, choice, seed);
    if (value !== undefined) chosen.set(name, value);
  }
  const missing = space.parameters.filter(({ name }) => !chosen.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new UsageError(`no value for ${missing.join(', ')}; ${remedy(choice, missing[0]!)}`);
  return space.parameters.map(({ name }) => ({ name, value: chosen.get(name)! }));
}

function remedy(choice: DefaultChoice, name: string): string {
  if (choice === 'random') return 'no values were found that meet the constraints together with those given';
  const others = choice === 'baseline' ? 'min, max or random' : 'min, max, random or baseline';
  return `give -A ${name}=VALUE, --default ${others}, or --interactive`;
}

function parsePair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`"${text}" is no assignment; expected name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The highest value that counts from `min` in steps. */
function lastStep({ min, max, step }: Exclude<Parameter, { type: 'categorical' }>): number {
  if (step === undefined) return max;
  const highest = min + Math.floor((max - min) / step + 1e-9) * step;
  return Number(highest.toPrecision(12));
}

function fixedAt(parameter: Parameter, value: ParameterValue): Parameter {
  if (parameter.type === 'categorical') return { ...parameter, values: [String(value)] };
  return { ...parameter, min: Number(value), max: Number(value) };
}
