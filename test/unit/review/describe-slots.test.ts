import assert from 'node:assert/strict';
import { describeSlots } from '../../../runner/review/describe-slots.ts';
import { anExperiment } from '../../support/builders.ts';

const LEFT_OPEN = { slots: [] };
const SELECTOR = { namespaceSelector: { matchLabels: { team: 'shop' } } };

describe('where an experiment runs', () => {
  it('is left to the installation where the repository says nothing', () => {
    assert.deepEqual(describeSlots(anExperiment(), LEFT_OPEN), ['those that the installation names']);
  });

  it('is the namespace that it names, or those of the settings', () => {
    assert.deepEqual(describeSlots(anExperiment({ namespace: 'shop-1' }), LEFT_OPEN), ['shop-1']);
    assert.deepEqual(describeSlots(anExperiment(), { slots: ['a', 'b'] }), ['a', 'b']);
    assert.deepEqual(describeSlots(anExperiment({ namespace: 'b' }), { slots: ['a', 'b'] }), ['b']);
  });

  it('is told by labels, which narrow the list of the settings', () => {
    assert.deepEqual(describeSlots(anExperiment(SELECTOR), LEFT_OPEN), ['every one that has team=shop']);
    assert.deepEqual(describeSlots(anExperiment(SELECTOR), { slots: ['a'] }), ['a if it has team=shop']);
  });

  it('is what its namespaceTemplate makes', () => {
    const namespaceTemplate = { prefix: 'shop-', labels: {}, annotations: {} };

    assert.deepEqual(describeSlots(anExperiment({ replicas: 2, namespaceTemplate }), LEFT_OPEN), ['shop-1', 'shop-2']);
  });
});
