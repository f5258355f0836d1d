import assert from 'node:assert/strict';
import type { Experiment } from '../../../runner/model/experiment.ts';
import { trialsLeft } from '../../../runner/plan/trials-left.ts';
import { aCategory, anExperiment, aRecord, assignmentsOf } from '../../support/builders.ts';

const GRID: Partial<Experiment> = { suggest: { source: 'grid' }, parameters: [aCategory('gc', ['g1', 'zgc', 'serial'])] };

function left(fields: Partial<Experiment>, state: Partial<Parameters<typeof trialsLeft>[0]> = {}): number {
  return trialsLeft({ experiment: anExperiment(fields), digest: 'digest', queue: [], records: [], pending: [], ...state });
}

describe('trialsLeft', () => {
  it('is the budget less the trials that count', () => {
    const records = [aRecord(), aRecord({ number: 2, failure: {} }), aRecord({ number: 3, failure: { infrastructure: true } })];

    assert.equal(left({ suggest: { source: 'random', budget: 10, seed: 1 } }, { records }), 8);
  });

  it('is nothing once more trials have run than a smaller budget affords', () => {
    const records = [aRecord(), aRecord({ number: 2 })];

    assert.equal(left({ suggest: { source: 'random', budget: 1, seed: 1 } }, { records }), 0);
  });

  it('is the points that a grid has left, with those under way', () => {
    const records = [aRecord({ assignments: { gc: 'g1' } })];
    const pending = [{ number: 2, assignments: assignmentsOf({ gc: 'zgc' }), source: { type: 'grid', index: 1 } as const }];

    assert.equal(left(GRID, { records, pending }), 2);
  });

  it('counts the baseline and queued files beside the grid, and no point of theirs twice', () => {
    const parameters = [aCategory('gc', ['g1', 'zgc', 'serial'], 'g1')];
    const queue = [{ path: 'suggestions/a.yaml', blob: 'a', assignments: assignmentsOf({ gc: 'zgc' }) }];

    assert.equal(left({ ...GRID, parameters }, { queue }), 3);
  });

  it('is what is queued where nothing else suggests', () => {
    const queue = [{ path: 'suggestions/a.yaml', blob: 'a', assignments: assignmentsOf({ cpu: 3 }) }];

    assert.equal(left({ suggest: { source: 'manual' } }, { queue }), 1);
  });
});
