import assert from 'node:assert/strict';
import type { CheckedDefinitions, CheckedExperiment } from '../../runner/check-definitions.ts';
import { InvalidInput, UsageError } from '../../runner/model/errors.ts';
import { selectExperiments } from '../../runner/select-experiments.ts';
import { anExperiment } from '../support/builders.ts';

const problemOf = (file: string) => ({ file, path: 'spec', message: 'is wrong' });
const valid = (name: string) =>
  ({ experiment: anExperiment({ name }), loaded: { folder: `experiments/${name}` } }) as unknown as CheckedExperiment;

/** `a` and `b` are valid, where `b` has a bad suggestion; `broken` is not, and one file belongs to none. */
const DEFINITIONS: CheckedDefinitions = {
  checked: [valid('a'), valid('b')],
  invalid: [{ name: 'broken', problems: [problemOf('experiments/broken/experiment.yaml')] }],
  problems: ['experiments/broken/experiment.yaml', 'experiments/b/suggestions/1.yaml', 'experiments/lost.yaml'].map(problemOf),
};

const names = ({ checked }: CheckedDefinitions) => checked.map(({ experiment }) => experiment.name);

describe('selecting experiments', () => {
  it('takes everything without names', () => {
    assert.equal(selectExperiments(DEFINITIONS, []), DEFINITIONS);
  });

  it("takes those named, in the repository's order and once", () => {
    assert.deepEqual(names(selectExperiments(DEFINITIONS, ['b', 'a', 'b'])), ['a', 'b']);
  });

  it('leaves problems out that do not concern them', () => {
    assert.deepEqual(selectExperiments(DEFINITIONS, ['a']).problems, []);
    assert.deepEqual(selectExperiments(DEFINITIONS, ['b']).problems, [problemOf('experiments/b/suggestions/1.yaml')]);
  });

  it('refuses one that is invalid, with its problems', () => {
    assert.throws(
      () => selectExperiments(DEFINITIONS, ['a', 'broken']),
      new InvalidInput([problemOf('experiments/broken/experiment.yaml')]),
    );
  });

  it('refuses a name that none has, and says which was meant', () => {
    assert.throws(
      () => selectExperiments(DEFINITIONS, ['brokn']),
      new UsageError('there is no experiment "brokn"; did you mean "broken"?'),
    );
  });

  it('refuses a name that is like none, and says which there are', () => {
    assert.throws(
      () => selectExperiments(DEFINITIONS, ['checkout']),
      new UsageError('there is no experiment "checkout"; experiments are: a, b, broken'),
    );
  });
});
