import { unknownParameter } from '../../model/parameter-space.ts';
import type { Finding, Path } from '../locate.ts';
import type { WrittenConstraint, WrittenParameter } from '../schema.ts';
import { duplicateNames, finding, type Rule } from './rule.ts';

export const constraintIsOrderOrSum: Rule = forEachConstraint(({ order, sum }, path) => {
  if (order === undefined && sum === undefined) return [finding(path, 'needs order or sum')];
  return order !== undefined && sum !== undefined ? [finding(path, 'has both order and sum; make it two constraints')] : [];
});

export const constraintParametersAreNumeric: Rule = ({ experiment: { spec }, parameterNames }) =>
  (spec.constraints ?? []).flatMap((constraint, index) =>
    references(constraint).flatMap(({ name, path }) => {
      const at = ['spec', 'constraints', index, ...path];
      if (!parameterNames.includes(name)) return [finding(at, unknownParameter(name, parameterNames))];
      return isCategorical(name, spec.parameters)
        ? [finding(at, `parameter "${name}" has values, not a range; constraints compare numbers`)]
        : [];
    }),
  );

export const orderComparesTwoParameters: Rule = forEachConstraint(({ order }, path) =>
  order !== undefined && order.lowerParameter === order.upperParameter
    ? [finding([...path, 'order', 'upperParameter'], `"${order.upperParameter}" is compared with itself`)]
    : [],
);

export const sumTermsAreDistinct: Rule = forEachConstraint(({ sum }, path) =>
  duplicateNames(sum?.parameters ?? [], [...path, 'sum', 'parameters']),
);

/** Whether all that the constraint refers to is there and numeric. */
export function constraintIsSound(
  constraint: WrittenConstraint,
  parameters: readonly WrittenParameter[],
  names: readonly string[],
): boolean {
  if ((constraint.order === undefined) === (constraint.sum === undefined)) return false;
  return references(constraint).every(({ name }) => names.includes(name) && !isCategorical(name, parameters));
}

function references({ order, sum }: WrittenConstraint): { name: string; path: Path }[] {
  const ordered =
    order === undefined
      ? []
      : (['lowerParameter', 'upperParameter'] as const).map((field) => ({
          name: order[field],
          path: ['order', field],
        }));
  const summed = (sum?.parameters ?? []).map(({ name }, index) => ({
    name,
    path: ['sum', 'parameters', index, 'name'],
  }));
  return [...ordered, ...summed];
}

function isCategorical(name: string, parameters: readonly WrittenParameter[]): boolean {
  return parameters.some((parameter) => parameter.name === name && parameter.values !== undefined);
}

function forEachConstraint(ofOne: (constraint: WrittenConstraint, path: Path) => Finding[]): Rule {
  return ({ experiment: { spec } }) =>
    (spec.constraints ?? []).flatMap((constraint, index) => ofOne(constraint, ['spec', 'constraints', index]));
}
