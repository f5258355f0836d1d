import { createInterface } from 'node:readline';
import { UsageError } from '../model/errors.ts';
import type { Assignment, Experiment, Parameter, ParameterValue } from '../model/experiment.ts';
import { constantValue, describeViolation, valueProblem, violatedConstraints } from '../model/parameter-space.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { parseValue } from './choose-assignments.ts';
import type { CommandContext } from './command-context.ts';
import type { Output } from './output.ts';

/** Answers that are no value, per parameter, and rounds of answers that break a constraint (R§5). */
const ATTEMPTS = 3;

/**
 * Asks for the value of each parameter that is not `assigned`, one line each: nothing takes the default that stands in parentheses. What is
 * no value, or breaks a constraint, is said and asked for again, three times. Throws UsageError when that was not enough, or when
 * the answers end.
 */
export async function askAssignments(
  { parameters, constraints }: Pick<Experiment, 'parameters' | 'constraints'>,
  assigned: ReadonlyMap<string, ParameterValue>,
  defaultOf: (name: string, chosen: ReadonlyMap<string, ParameterValue>) => ParameterValue | undefined,
  { input, output, signal }: Pick<CommandContext, 'input' | 'signal'> & { output: Pick<Output, 'ask' | 'say'> },
): Promise<Assignment[]> {
  const reader = createInterface({ input: input.stream, terminal: false });
  const lines = reader[Symbol.asyncIterator]();

  async function answer(prompt: string): Promise<string> {
    output.ask(prompt);
    const { done, value } = await unlessAborted(lines.next(), signal);
    if (done === true) throw new UsageError('the answers ended before every parameter had a value');
    return value;
  }

  async function ask(parameter: Parameter, fallback: ParameterValue | undefined): Promise<ParameterValue> {
    let prompt = promptFor(parameter, fallback);
    for (let attempt = 1; ; attempt += 1) {
      const text = (await answer(prompt)).trim();
      const value = text === '' && fallback !== undefined ? fallback : parseValue(parameter, text);
      const problem = text === '' && fallback === undefined ? 'a value is needed' : valueProblem(parameter, value);
      if (problem === undefined) return value;
      if (attempt === ATTEMPTS) throw new UsageError(`parameter "${parameter.name}": ${problem}`);
      output.say(`parameter "${parameter.name}": ${problem}`);
      prompt = 'Invalid assignment, try again: ';
    }
  }

  try {
    for (let round = 1; ; round += 1) {
      const chosen = new Map(assigned);
      for (const parameter of parameters) {
        const { name } = parameter;
        if (chosen.has(name)) continue;
        chosen.set(name, constantValue(parameter) ?? (await ask(parameter, defaultOf(name, chosen))));
      }
      const assignments = parameters.map(({ name }) => ({ name, value: chosen.get(name)! }));
      const problems = violatedConstraints(constraints, assignments).map((constraint) => describeViolation(constraint, assignments));
      if (problems.length === 0) return assignments;
      if (round === ATTEMPTS || parameters.every(({ name }) => assigned.has(name))) throw new UsageError(problems.join('; '));
      output.say(problems.join('; '));
    }
  } finally {
    reader.close();
  }
}

/** `Assignment for integer parameter 'cpu' [100, 4000] (1000): ` (R§5). */
function promptFor(parameter: Parameter, fallback: ParameterValue | undefined): string {
  const shown = fallback === undefined ? '' : ` (${fallback})`;
  return `Assignment for ${parameter.type} parameter '${parameter.name}' [${rangeOf(parameter)}]${shown}: `;
}

function rangeOf(parameter: Parameter): string {
  if (parameter.type === 'categorical') return parameter.values.join(', ');
  const { type, min, max, step } = parameter;
  const isUsual = step === undefined || (type === 'integer' && step === 1);
  return `${min}, ${max}${isUsual ? '' : ` by ${step}`}`;
}
