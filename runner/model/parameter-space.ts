import type { Assignment, Constraint, Parameter, ParameterValue } from './experiment.ts';
import { nearest } from './nearest.ts';

/** Sums and steps of decimal fractions are inexact; anything this close (relative) counts as equal. */
const TOLERANCE = 1e-9;

/**
 * Everything that keeps assignments from being a point of the parameter space, one sentence each; empty when they are one.
 * Every parameter must be assigned exactly once; ranges, sets and constraints are inclusive (R§8.1, R§24.6).
 */
export function checkAssignments(
  parameters: readonly Parameter[],
  constraints: readonly Constraint[],
  assignments: readonly Assignment[],
): string[] {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const assigned = new Set<string>();
  const problems: string[] = [];
  for (const { name, value } of assignments) {
    const parameter = known.get(name);
    if (parameter === undefined) problems.push(unknownParameter(name, [...known.keys()]));
    else if (assigned.has(name)) problems.push(`parameter "${name}" is assigned twice`);
    else problems.push(...prefixed(name, valueProblem(parameter, value)));
    assigned.add(name);
  }
  const missing = parameters.filter(({ name }) => !assigned.has(name));
  problems.push(...missing.map(({ name }) => `parameter "${name}" has no value`));
  problems.push(...violatedConstraints(constraints, assignments).map((constraint) => describeViolation(constraint, assignments)));
  return problems;
}

/** Why a parameter cannot take a value, such as `5000 is above the maximum of 4000`; undefined when it can. */
export function valueProblem(parameter: Parameter, value: ParameterValue): string | undefined {
  if (parameter.type === 'categorical') return categoryProblem(parameter.values, value);
  if (typeof value !== 'number') return `"${value}" is text; the parameter's type is ${parameter.type}, so write a number without quotes`;
  if (!Number.isFinite(value)) return `${value} is not a finite number`;
  if (parameter.type === 'integer' && !Number.isInteger(value))
    return `${value} is not a whole number, and the parameter's type is integer`;
  if (value < parameter.min) return `${value} is below the minimum of ${parameter.min}`;
  if (value > parameter.max) return `${value} is above the maximum of ${parameter.max}`;
  if (!isOnStep(parameter, value)) return `${value} is not on a step; steps of ${parameter.step} are counted from ${parameter.min}`;
  return undefined;
}

/** The constraints that the assignments break; one whose parameters are not all numbers cannot be judged and is not broken. */
export function violatedConstraints(constraints: readonly Constraint[], assignments: readonly Assignment[]): Constraint[] {
  const values = new Map([...numbersByName(assignments)].map(([name, value]) => [name, { least: value, most: value }]));
  return constraints.filter((constraint) => cannotHold(constraint, values));
}

/** Between what a parameter's value lies. */
export type Span = { least: number; most: number };

/** Whether a constraint is broken whatever the values within these spans are; a parameter without a span is not judged. */
export function cannotHold(constraint: Constraint, spans: ReadonlyMap<string, Span>): boolean {
  if (constraint.type === 'order')
    return (spans.get(constraint.lowerParameter)?.least ?? NaN) > (spans.get(constraint.upperParameter)?.most ?? NaN);
  const { bound, isUpperBound, parameters } = constraint;
  const terms = parameters.map(({ name, weight }) => {
    const { least, most } = spans.get(name) ?? { least: NaN, most: NaN };
    return [weight * least, weight * most];
  });
  const slack = TOLERANCE * Math.max(Math.abs(bound), ...terms.flat().map(Math.abs));
  const reachable = terms.reduce((sum, ends) => sum + (isUpperBound ? Math.min(...ends) : Math.max(...ends)), 0);
  return isUpperBound ? reachable > bound + slack : reachable < bound - slack;
}

/** What a broken constraint demands and what it got. */
export function describeViolation(constraint: Constraint, assignments: readonly Assignment[]): string {
  const values = numbersByName(assignments);
  if (constraint.type === 'order') {
    const { name, lowerParameter: lower, upperParameter: upper } = constraint;
    return `constraint "${name}" is violated: ${lower} (${values.get(lower)}) must be at most ${upper} (${values.get(upper)})`;
  }
  const terms = constraint.parameters.map(({ name, weight }) => (weight === 1 ? name : `${weight}·${name}`)).join(' + ');
  const limit = `${constraint.isUpperBound ? 'at most' : 'at least'} ${constraint.bound}`;
  return `constraint "${constraint.name}" is violated: ${terms} is ${weightedSum(constraint, values)}, must be ${limit}`;
}

/** The assignments in the parameters' order, with the parameters that can take only one value filled in (R§6.3). */
export function withConstants(parameters: readonly Parameter[], assignments: readonly Assignment[]): Assignment[] {
  const position = new Map(parameters.map(({ name }, index) => [name, index]));
  const assigned = new Set(assignments.map(({ name }) => name));
  const constants = parameters.flatMap((parameter) => {
    const value = constantValue(parameter);
    return value === undefined || assigned.has(parameter.name) ? [] : [{ name: parameter.name, value }];
  });
  return [...assignments, ...constants].toSorted((a, b) => (position.get(a.name) ?? Infinity) - (position.get(b.name) ?? Infinity) || 0);
}

/** The only value a parameter can take; undefined when there are several. */
export function constantValue(parameter: Parameter): ParameterValue | undefined {
  if (parameter.type === 'categorical') return parameter.values.length === 1 ? parameter.values[0] : undefined;
  return parameter.min === parameter.max ? parameter.min : undefined;
}

/** `unknown parameter "cpus"; did you mean "cpu"?`, or the list of known ones when none is near. */
export function unknownParameter(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `unknown parameter "${name}"; ${meant === undefined ? `declared parameters are ${known.join(', ')}` : `did you mean "${meant}"?`}`;
}

function categoryProblem(values: readonly string[], value: ParameterValue): string | undefined {
  if (typeof value === 'string' && values.includes(value)) return undefined;
  const quotes = typeof value === 'number' && values.includes(String(value)) ? '; write it in quotes' : '';
  return `${JSON.stringify(value)} is not one of ${values.map((each) => JSON.stringify(each)).join(', ')}${quotes}`;
}

function isOnStep({ min, step }: { min: number; step?: number }, value: number): boolean {
  if (step === undefined) return true;
  const steps = (value - min) / step;
  return Math.abs(steps - Math.round(steps)) <= TOLERANCE * Math.max(1, Math.abs(steps));
}

function weightedSum({ parameters }: Extract<Constraint, { type: 'sum' }>, values: ReadonlyMap<string, number>): number {
  return parameters.reduce((sum, { name, weight }) => sum + weight * (values.get(name) ?? NaN), 0);
}

function numbersByName(assignments: readonly Assignment[]): Map<string, number> {
  return new Map(assignments.flatMap(({ name, value }) => (typeof value === 'number' ? [[name, value] as const] : [])));
}

function prefixed(name: string, problem: string | undefined): string[] {
  return problem === undefined ? [] : [`parameter "${name}": ${problem}`];
}
