import assert from 'node:assert/strict';

import type { Constraint, Parameter, ParameterValue } from '../../../../runner/model/experiment.ts';
import { checkAssignments } from '../../../../runner/model/parameter-space.ts';
import { pointOf } from '../../../../runner/plan/point.ts';
import { nextRandom } from '../../../../runner/plan/sources/random.ts';
import type { SourcePoint } from '../../../../runner/plan/sources/grid.ts';
import { aCategory, aDouble, anInteger } from '../../../support/builders.ts';

type Draw = { parameters: Parameter[]; constraints?: Constraint[]; seed?: number };

/** The first points of the source, fewer when it is exhausted before. */
function draw(count: number, { parameters, constraints = [], seed = 1 }: Draw): SourcePoint[] {
  const tried = new Set<string>();
  const points: SourcePoint[] = [];
  while (points.length < count) {
    const point = nextRandom({ parameters, constraints, tried, index: (points.at(-1)?.index ?? -1) + 1, seed });
    if (point === undefined) return points;
    tried.add(pointOf(point.assignments));
    points.push(point);
  }
  return points;
}

function valuesOf(points: SourcePoint[], name: string): ParameterValue[] {
  return points.map(({ assignments }) => assignments.find((assignment) => assignment.name === name)!.value);
}

const mixed: Parameter[] = [
  anInteger('cpu', { min: 100, max: 4000, step: 100 }),
  anInteger('threads', { min: 1, max: 512, scale: 'log' }),
  aDouble('ratio', { min: 0.1, max: 0.9, step: 0.1 }),
  aDouble('rate', { min: 0.001, max: 10, scale: 'log' }),
  aCategory('gc', ['g1', 'zgc', 'parallel']),
];

describe('nextRandom', () => {
  it('gives the same points for the same seed', () => {
    assert.deepEqual(draw(20, { parameters: mixed }), draw(20, { parameters: mixed }));
  });

  it('gives other points for another seed', () => {
    const points = draw(5, { parameters: mixed, seed: 1 }).map(({ assignments }) => pointOf(assignments));
    const others = draw(5, { parameters: mixed, seed: 2 }).map(({ assignments }) => pointOf(assignments));

    assert.deepEqual(
      points.filter((point) => others.includes(point)),
      [],
    );
  });

  it('keeps types, ranges, steps and constraints', () => {
    const constraints: Constraint[] = [
      { type: 'order', name: 'order', lowerParameter: 'threads', upperParameter: 'cpu' },
      {
        type: 'sum',
        name: 'quota',
        bound: 3000,
        isUpperBound: true,
        parameters: [
          { name: 'cpu', weight: 1 },
          { name: 'threads', weight: 2 },
        ],
      },
    ];

    for (const seed of [0, 1, 2, 2 ** 31, -5]) {
      const points = draw(100, { parameters: mixed, constraints, seed });

      assert.equal(points.length, 100);
      assert.deepEqual(
        points.flatMap(({ assignments }) => checkAssignments(mixed, constraints, assignments)),
        [],
      );
    }
  });

  it('never repeats a point and ends when all are tried', () => {
    const parameters = [anInteger('replicas', { max: 3 }), aCategory('gc', ['g1', 'zgc'])];

    const points = draw(10, { parameters }).map(({ assignments }) => pointOf(assignments));

    assert.equal(points.length, 6);
    assert.equal(new Set(points).size, 6);
  });

  it('is exhausted when no point meets the constraints', () => {
    const constraints: Constraint[] = [
      { type: 'sum', name: 'quota', bound: 0, isUpperBound: true, parameters: [{ name: 'cpu', weight: 1 }] },
    ];

    assert.deepEqual(draw(1, { parameters: [anInteger('cpu')], constraints }), []);
  });

  it('covers a range evenly', () => {
    const values = valuesOf(draw(40, { parameters: [aDouble('a'), aDouble('b')] }), 'b').map(Number);

    const perQuarter = [0, 1, 2, 3].map((quarter) => values.filter((value) => Math.floor(value * 4) === quarter).length);

    assert.ok(
      perQuarter.every((count) => count >= 8 && count <= 12),
      `per quarter: ${perQuarter}`,
    );
  });

  it('does not tie parameters to each other, however many there are', () => {
    const parameters = Array.from({ length: 16 }, (_, at) => aDouble(`p${at}`));
    const points = draw(64, { parameters });

    const columns = parameters.map(({ name }) => valuesOf(points, name).map(Number));
    const strongest = Math.max(...columns.flatMap((a, at) => columns.slice(at + 1).map((b) => Math.abs(correlation(a, b)))));

    assert.ok(strongest < 0.6, `strongest correlation: ${strongest}`);
  });

  it('spends as many points on each decade of a logarithmic scale', () => {
    const values = valuesOf(draw(40, { parameters: [aDouble('rate', { min: 0.001, max: 10, scale: 'log' })] }), 'rate').map(Number);

    const perDecade = [-3, -2, -1, 0].map((decade) => values.filter((value) => Math.floor(Math.log10(value)) === decade).length);

    assert.ok(
      perDecade.every((count) => count >= 8 && count <= 12),
      `per decade: ${perDecade}`,
    );
  });

  it('reaches both ends of a logarithmic range of integers', () => {
    const values = valuesOf(draw(8, { parameters: [anInteger('threads', { min: 1, max: 8, scale: 'log' })] }), 'threads');

    assert.deepEqual(
      values.map(Number).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it('gives every category its share', () => {
    const values = valuesOf(draw(30, { parameters: [aDouble('a'), aCategory('gc', ['g1', 'zgc', 'parallel'])] }), 'gc');

    const shares = ['g1', 'zgc', 'parallel'].map((gc) => values.filter((value) => value === gc).length);

    assert.ok(
      shares.every((share) => share >= 8 && share <= 12),
      `shares: ${shares}`,
    );
  });
});

function correlation(a: number[], b: number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, at) => (value - meanA) * (b[at]! - meanB)));
  return covariance / Math.sqrt(mean(a.map((value) => (value - meanA) ** 2)) * mean(b.map((value) => (value - meanB) ** 2)));
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
