import assert from 'node:assert/strict';
import { MOST_OTHERS, otherAssignments, type Tryable } from '../../../runner/review/other-assignments.ts';
import type { Assignment } from '../../../runner/model/experiment.ts';
import { aCategory, anInteger } from '../../support/builders.ts';

const FIRST: Assignment[] = [
  { name: 'cpu', value: 2 },
  { name: 'gc', value: 'g1' },
  { name: 'image', value: 'a' },
];
const PARAMETERS = [anInteger('cpu'), aCategory('gc', ['g1', 'z']), aCategory('image', ['a', 'b', 'c'])];

const texts = (assignments: Assignment[][]) => assignments.map((each) => each.map(({ value }) => value).join(' '));

describe('the assignments that may bring something else', () => {
  it('are each value of each category, one at a time', () => {
    const { assignments, left } = otherAssignments(FIRST, { parameters: PARAMETERS, suggested: [] });

    assert.deepEqual(texts(assignments).toSorted(), ['2 g1 b', '2 g1 c', '2 z a']);
    assert.deepEqual(left, []);
  });

  it('are those of suggestion files', () => {
    const suggested = [{ id: 'one', assignments: FIRST.map((each) => (each.name === 'cpu' ? { name: 'cpu', value: 4 } : each)) }];

    const { assignments } = otherAssignments(FIRST, { parameters: [anInteger('cpu')], suggested });

    assert.deepEqual(texts(assignments), ['4 g1 a']);
  });

  it('are at most so many, of each parameter equally many, and what is left out is told', () => {
    const values = Array.from({ length: 50 }, (_, index) => `v${index}`);
    const parameters = Array.from({ length: 20 }, (_, index) => aCategory(`p${index}`, values));
    const first = parameters.map(({ name }) => ({ name, value: 'v0' }));

    const { assignments, left } = otherAssignments(first, { parameters, suggested: [] });

    assert.equal(assignments.length, MOST_OTHERS);
    assert.deepEqual(
      left,
      parameters.map(({ name }) => `44 of 50 values of ${name}`),
    );
  });

  it('are first of all those that were not there before', () => {
    const values = Array.from({ length: 2 * MOST_OTHERS }, (_, index) => `v${index}`);
    const before: Tryable = { parameters: [aCategory('zone', values)], suggested: [] };
    const now: Tryable = { parameters: [aCategory('zone', [...values, 'new'])], suggested: [] };

    const { assignments } = otherAssignments([{ name: 'zone', value: 'v0' }], now, before);

    assert.deepEqual(texts(assignments).slice(0, 2), ['new', 'v1']);
    assert.equal(assignments.length, MOST_OTHERS);
  });
});
