import { constantValue, describeViolation, valueProblem, violatedConstraints } from '../../model/parameter-space.ts';
import type { Finding, Path } from '../locate.ts';
import { normalizeConstraint, normalizeParameter } from '../normalize.ts';
import type { WrittenParameter } from '../schema.ts';
import { constraintIsSound } from './constraints.ts';
import { finding, type Rule } from './rule.ts';

type ParameterRule = (parameter: WrittenParameter, path: Path) => Finding[];

/** A parameter is a range of numbers or a set of values, never both and never neither. */
export const rangeOrValues = forEachParameter(({ values, min, max, step, scale, type }, path) => {
  if (values === undefined) {
    if (min === undefined && max === undefined) return [finding(path, 'needs min and max, or values')];
    if (min === undefined) return [finding([...path, 'min'], 'is required beside max')];
    return max === undefined ? [finding([...path, 'max'], 'is required beside min')] : [];
  }
  const numeric = Object.entries({ min, max, step, scale, type }).filter(([, value]) => value !== undefined);
  return numeric.map(([field]) => finding([...path, field], `a parameter with values has no ${field}; remove one of the two`));
});

export const maxIsNotBelowMin = forEachParameter(({ min, max }, path) =>
  min !== undefined && max !== undefined && max < min ? [finding([...path, 'max'], `${max} is below min, which is ${min}`)] : [],
);

export const integersAreWhole = forEachParameter(({ type = 'integer', values, ...numbers }, path) => {
  if (type !== 'integer' || values !== undefined) return [];
  const fractions = (['min', 'max', 'step'] as const).filter((field) => !Number.isSafeInteger(numbers[field] ?? 0));
  return fractions.map((field) => finding([...path, field], `${numbers[field]} is not a whole number; write type: double for fractions`));
});

export const stepFitsRange = forEachParameter(({ min, max, step }, path) => {
  if (min === undefined || max === undefined || step === undefined || max <= min || step <= max - min) return [];
  return [finding([...path, 'step'], `${step} is larger than the range from ${min} to ${max}`)];
});

export const logScaleIsPositive = forEachParameter(({ scale, min }, path) =>
  scale === 'log' && min !== undefined && min <= 0
    ? [finding([...path, 'min'], `${min} has no logarithm; a log scale needs a min above 0`)]
    : [],
);

export const valuesAreDistinct = forEachParameter(({ values = [] }, path) =>
  values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [finding([...path, 'values', index], `"${value}" is there twice`)],
  ),
);

/** In range, on a step, or one of the values (R§4, R§17). */
export const baselineIsInSpace = forEachParameter((parameter, path) => {
  if (parameter.baseline === undefined || !isSound(parameter)) return [];
  const problem = valueProblem(normalizeParameter(parameter), parameter.baseline);
  return problem === undefined ? [] : [finding([...path, 'baseline'], problem)];
});

/** The baseline is one trial: half of one cannot be run (R§4). Parameters that can take only one value may leave it out. */
export const baselineIsAllOrNone: Rule = ({ experiment: { spec } }) => {
  const { parameters } = spec;
  if (parameters.every(({ baseline }) => baseline === undefined)) return [];
  return parameters.flatMap((parameter, index) => {
    if (parameter.baseline !== undefined || (isSound(parameter) && constantValue(normalizeParameter(parameter)) !== undefined)) return [];
    return [
      finding(
        ['spec', 'parameters', index],
        `"${parameter.name}" has no baseline although other parameters have one; give it one or remove all`,
      ),
    ];
  });
};

export const baselineSatisfiesConstraints: Rule = ({ experiment: { spec }, parameterNames }) => {
  const baseline = spec.parameters
    .filter(isSound)
    .map(normalizeParameter)
    .flatMap(({ name, baseline: value }) => (value === undefined ? [] : [{ name, value }]));
  return (spec.constraints ?? []).flatMap((written, index) => {
    if (!constraintIsSound(written, spec.parameters, parameterNames)) return [];
    const constraint = normalizeConstraint(written, index);
    const violated = violatedConstraints([constraint], baseline).map(
      (each) => `the baseline breaks it: ${describeViolation(each, baseline)}`,
    );
    return violated.map((message) => finding(['spec', 'constraints', index], message));
  });
};

/** Whether the parameter itself obeys the rules above, so that others may reason with it. */
function isSound(parameter: WrittenParameter): boolean {
  return [rangeOrValues, maxIsNotBelowMin].every((rule) => rule.ofOne(parameter, []).length === 0);
}

function forEachParameter(ofOne: ParameterRule): Rule & { ofOne: ParameterRule } {
  const rule: Rule = ({ experiment: { spec } }) =>
    spec.parameters.flatMap((parameter, index) => ofOne(parameter, ['spec', 'parameters', index]));
  return Object.assign(rule, { ofOne });
}
