import type { Assignment, Parameter, ParameterValue } from '../model/experiment.ts';
import { withConstants } from '../model/parameter-space.ts';
import type { AssignmentPayload } from './payloads.ts';
import { varying } from './remote-definition.ts';

/**
 * What the API suggests, as assignments in the parameters' order with the constants filled in. A number that came as text is one where the
 * parameter's type is numeric, and a number is text where it is one of the values; anything else stays as it is, for the check to refuse.
 */
export function fromRemote(parameters: readonly Parameter[], assignments: readonly AssignmentPayload[]): Assignment[] {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const read = assignments.map(({ parameterName, value }) => ({ name: parameterName, value: valueOf(known.get(parameterName), value) }));
  return withConstants(parameters, read);
}

/** Assignments as the API takes them: it does not know the constants. */
export function toRemote(parameters: readonly Parameter[], assignments: readonly Assignment[]): AssignmentPayload[] {
  const sent = new Set(varying(parameters).map(({ name }) => name));
  return assignments.filter(({ name }) => sent.has(name)).map(({ name, value }) => ({ parameterName: name, value }));
}

function valueOf(parameter: Parameter | undefined, value: ParameterValue): ParameterValue {
  if (parameter === undefined) return value;
  if (parameter.type === 'categorical') return String(value);
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}
