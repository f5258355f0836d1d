import { createHash } from 'node:crypto';
import type { Constraint, Experiment, Parameter } from '../model/experiment.ts';
import { constantValue } from '../model/parameter-space.ts';
import type { ConstraintPayload, ExperimentPayload, ParameterPayload } from './payloads.ts';

/** Prefixes of the ancestor's own labels, and of ours: the API knows them by their bare names (R§4). */
const OWN_PREFIX = /^(?:stormforge\.io|redskyops\.dev|fieldtrial\.dev)\//;

/**
 * What the API is told of an experiment (R§4, R§24.9): the parameters that vary, the constraints between them, and what is optimised.
 * Constants stay here, and so do queries and bounds of metrics. A constraint that mentions a constant is sent with the constant worked in.
 */
export function remoteDefinition({ parameters, constraints, metrics, suggest, labels }: Experiment): ExperimentPayload {
  const constants = new Map(parameters.flatMap((parameter) => numericConstant(parameter) ?? []));
  const sent = constraints.flatMap((constraint) => constraintPayload(constraint, constants) ?? []);
  return {
    ...(suggest.budget !== undefined && { optimization: [{ name: 'experimentBudget', value: String(suggest.budget) }] }),
    metrics: metrics.map(({ name, minimize, optimize }) => ({ name, minimize, optimize })),
    ...(sent.length > 0 && { constraints: sent }),
    parameters: varying(parameters).map(parameterPayload),
    ...(labels !== undefined && {
      labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name.replace(OWN_PREFIX, ''), value])),
    }),
  };
}

/** 16 hexadecimal digits; the API has to be told again when they change. */
export function remoteDigest(experiment: Experiment): string {
  return createHash('sha256')
    .update(JSON.stringify(remoteDefinition(experiment)))
    .digest('hex')
    .slice(0, 16);
}

/** The parameters that the API knows. */
export function varying(parameters: readonly Parameter[]): Parameter[] {
  return parameters.filter((parameter) => constantValue(parameter) === undefined);
}

function numericConstant(parameter: Parameter): [string, number][] | undefined {
  const value = constantValue(parameter);
  return typeof value === 'number' ? [[parameter.name, value]] : undefined;
}

function parameterPayload(parameter: Parameter): ParameterPayload {
  const { name } = parameter;
  if (parameter.type === 'categorical') return { name, type: 'categorical', values: parameter.values };
  return { name, type: parameter.type === 'integer' ? 'int' : 'double', bounds: { min: parameter.min, max: parameter.max } };
}

/** undefined: nothing is left of it once the constants are worked in. */
function constraintPayload(constraint: Constraint, constants: ReadonlyMap<string, number>): ConstraintPayload[] | undefined {
  const { name } = constraint;
  if (constraint.type === 'order') {
    const { lowerParameter, upperParameter } = constraint;
    if (!constants.has(lowerParameter) && !constants.has(upperParameter))
      return [{ name, constraintType: 'order', lowerParameter, upperParameter }];
    // lower ≤ upper is lower − upper ≤ 0.
    const parameters = [
      { name: lowerParameter, weight: 1 },
      { name: upperParameter, weight: -1 },
    ];
    return constraintPayload({ type: 'sum', name, bound: 0, isUpperBound: true, parameters }, constants);
  }
  const { isUpperBound } = constraint;
  const known = constraint.parameters.reduce((sum, term) => sum + term.weight * (constants.get(term.name) ?? 0), 0);
  const parameters = constraint.parameters
    .filter((term) => term.weight !== 0 && !constants.has(term.name))
    .map((term) => ({ parameterName: term.name, weight: term.weight }));
  return parameters.length === 0 ? undefined : [{ name, constraintType: 'sum', isUpperBound, bound: constraint.bound - known, parameters }];
}
