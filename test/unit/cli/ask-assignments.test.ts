import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { askAssignments } from '../../../runner/cli/ask-assignments.ts';
import { defaultValue, type DefaultChoice } from '../../../runner/cli/choose-assignments.ts';
import type { Constraint, ParameterValue } from '../../../runner/model/experiment.ts';
import { aCategory, anInteger } from '../../support/builders.ts';

const PARAMETERS = [anInteger('low', { max: 10, step: 3 }), anInteger('high', { max: 10, baseline: 8 }), aCategory('gc', ['G1', 'ZGC'])];
const CONSTRAINTS: Constraint[] = [{ type: 'order', name: 'order', lowerParameter: 'low', upperParameter: 'high' }];
const SPACE = { parameters: PARAMETERS, constraints: CONSTRAINTS };

describe('assignments that are asked for', () => {
  let shown: string;

  async function ask(
    answers: string,
    assigned: Record<string, ParameterValue> = {},
    choice: DefaultChoice = 'none',
    signal = new AbortController().signal,
  ) {
    shown = '';
    const say = (text: string) => void (shown += `${text}\n`);
    const output = { say, ask: (text: string) => void (shown += text) };
    const stream = answers === 'never' ? new Readable({ read: () => undefined }) : Readable.from([answers]);
    const input = { stream, isTerminal: true };
    const defaultOf = (name: string, chosen: ReadonlyMap<string, ParameterValue>) => defaultValue(SPACE, name, chosen, choice, 7);
    const asked = await askAssignments(SPACE, new Map(Object.entries(assigned)), defaultOf, { input, output, signal });
    return asked.map(({ value }) => value);
  }

  it('show type, range or values, step and default', async () => {
    await ask('4\n\nZGC\n', {}, 'baseline');

    assert.equal(
      shown,
      "Assignment for integer parameter 'low' [1, 10 by 3]: Assignment for integer parameter 'high' [1, 10] (8): Assignment for categorical parameter 'gc' [G1, ZGC]: ",
    );
  });

  it('are not asked where they are assigned', async () => {
    assert.deepEqual(await ask('ZGC\n', { low: 4, high: 5 }), [4, 5, 'ZGC']);
  });

  it('are asked again after what is no value, and after nothing where there is no default', async () => {
    assert.deepEqual(await ask('many\n\n4\n5\nG1\n'), [4, 5, 'G1']);
    assert.match(
      shown,
      /"low": "many" is text; .*\nInvalid assignment, try again: parameter "low": a value is needed\nInvalid assignment, try again: /,
    );
  });

  it('are given up after three answers that are no value', async () => {
    await assert.rejects(ask('a\nb\n2\n'), {
      name: 'UsageError',
      message: 'parameter "low": 2 is not on a step; steps of 3 are counted from 1',
    });
  });

  it('are asked again when together they break a constraint, which is said in a sentence', async () => {
    assert.deepEqual(await ask('7\n5\nG1\n4\n5\nG1\n'), [4, 5, 'G1']);
    assert.match(shown, /constraint "order" is violated: low \(7\) must be at most high \(5\)\nAssignment for integer parameter 'low'/);
  });

  it('are given up when all that breaks the constraint is assigned, or after three rounds', async () => {
    await assert.rejects(ask('', { low: 7, high: 5, gc: 'G1' }), /^UsageError: constraint "order" is violated/);
    await assert.rejects(ask('7\n5\nG1\n'.repeat(3)), /^UsageError: constraint "order" is violated/);
  });

  it('show a random default that meets the constraints with what was answered before', async () => {
    const [low, high] = await ask('10\n\n\n', {}, 'random');

    assert.deepEqual([low, high], [10, 10]);
  });

  it('say that the answers ended', async () => {
    await assert.rejects(ask('4\n'), { message: 'the answers ended before every parameter had a value' });
  });

  it('are not waited for when the command is told to end', async () => {
    const ending = new AbortController();
    const asking = ask('never', {}, 'none', ending.signal);

    ending.abort(new Error('SIGINT'));

    await assert.rejects(asking, /SIGINT/);
  });
});
