import assert from 'node:assert/strict';

import type { Experiment, TrialTemplateSource } from '../../../runner/model/experiment.ts';
import { definitionDigest } from '../../../runner/plan/digest.ts';
import { aCategory, aMetric, anExperiment, anInteger } from '../../support/builders.ts';

const chart = { path: 'charts/postgres/Chart.yaml', blob: 'blob-1' };
const inline = (spec: object): TrialTemplateSource => ({ from: 'inline', template: { spec } });
const fromFile = (text: string, values = {}): TrialTemplateSource => ({
  from: 'file',
  path: 'templates/k6.yaml',
  text,
  with: values,
});
const patch = { type: 'strategic', patch: 'spec: {replicas: 1}' } as const;

const base: Partial<Experiment> = {
  parameters: [anInteger('cpu', { baseline: 50 }), aCategory('gc', ['g1', 'zgc'], 'g1')],
  metrics: [aMetric('p95'), aMetric('cost')],
  patches: [patch],
  trialTemplate: inline({ approximateRuntime: '2m', timeouts: { run: '1h' } }),
};

function digest(fields: Partial<Experiment> = {}, files = [chart]): string {
  return definitionDigest(anExperiment({ ...base, ...fields }), files);
}

describe('definitionDigest', () => {
  it('is 16 hexadecimal digits', () => {
    assert.match(digest(), /^[0-9a-f]{16}$/);
  });

  const same: [string, Partial<Experiment>][] = [
    ['ranges, values and baselines', { parameters: [anInteger('cpu', { max: 9, step: 2, scale: 'log' }), aCategory('gc', ['zgc'])] }],
    ['the order of parameters', { parameters: base.parameters!.toReversed() }],
    ['the order of metrics', { metrics: base.metrics!.toReversed() }],
    ['samples of metrics', { metrics: [aMetric('p95', { sample: 3 }), aMetric('cost')] }],
    ['the source, its budget and seed', { suggest: { source: 'grid', budget: 99 } }],
    ['replicas', { replicas: 0 }],
    ['what is put back', { restore: 'run' }],
    ['the failure policy', { failurePolicy: { maxTotal: 1 } }],
    ['the slots', { namespace: 'shop-9', namespaceSelector: { matchLabels: { a: 'b' } } }],
    ["an inline template's timeouts", { trialTemplate: inline({ approximateRuntime: '2m', timeouts: { run: '5m', collect: '1m' } }) }],
    ["the absence of an inline template's timeouts", { trialTemplate: inline({ approximateRuntime: '2m' }) }],
    ['the order of fields', { trialTemplate: inline({ timeouts: {}, approximateRuntime: '2m' }) }],
  ];
  for (const [what, fields] of same) {
    it(`does not depend on ${what}`, () => {
      assert.equal(digest(fields), digest());
    });
  }

  const different: [string, Partial<Experiment>][] = [
    ["a parameter's name", { parameters: [anInteger('cpus'), aCategory('gc', ['g1'])] }],
    ["a parameter's type", { parameters: [anInteger('cpu'), anInteger('gc')] }],
    ['a further parameter', { parameters: [...base.parameters!, anInteger('memory')] }],
    ['a patch', { patches: [{ ...patch, patch: 'spec: {replicas: 2}' }] }],
    ["a metric's query", { metrics: [aMetric('p95'), { ...aMetric('cost'), query: '2' }] }],
    ["a metric's bound", { metrics: [aMetric('p95', { max: 0.3 }), aMetric('cost')] }],
    ['an inline template', { trialTemplate: inline({ approximateRuntime: '3m' }) }],
    ['a template in a file', { trialTemplate: fromFile('spec: {}') }],
  ];
  for (const [what, fields] of different) {
    it(`depends on ${what}`, () => {
      assert.notEqual(digest(fields), digest());
    });
  }

  it('depends on the order in which patches are applied', () => {
    const other = { ...patch, patch: 'a: 1' };

    assert.notEqual(digest({ patches: [patch, other] }), digest({ patches: [other, patch] }));
  });

  it('depends on the text and values of a template in a file', () => {
    const digests = [fromFile('a'), fromFile('b'), fromFile('a', { script: 'smoke' })].map((trialTemplate) => digest({ trialTemplate }));

    assert.equal(new Set(digests).size, 3);
  });

  it('depends on the used files, not on their order', () => {
    const values = { path: 'charts/postgres/values.yaml', blob: 'blob-2' };

    assert.equal(digest({}, [chart, values]), digest({}, [values, chart]));
    assert.notEqual(digest({}, [chart]), digest({}, [{ ...chart, blob: 'blob-3' }]));
    assert.notEqual(digest({}, [chart]), digest({}, [chart, values]));
  });
});
