import assert from 'node:assert/strict';
import { readSample, type Sample } from '../../../../runner/metrics/prometheus/read-sample.ts';

describe('the answer to an instant query', () => {
  const cases: [what: string, data: unknown, sample: Sample][] = [
    ['a scalar', { resultType: 'scalar', result: [1, '1.5'] }, { status: 'Value', value: 1.5 }],
    [
      'a vector of one series',
      { resultType: 'vector', result: [{ metric: {}, value: [1, '2e-05'] }] },
      { status: 'Value', value: 0.00002 },
    ],
    ['an empty vector', { resultType: 'vector', result: [] }, { status: 'None', why: 'no data' }],
    ['NaN', { resultType: 'scalar', result: [1, 'NaN'] }, { status: 'None', why: 'not a number (NaN)' }],
    ['infinity', { resultType: 'vector', result: [{ value: [1, '+Inf'] }] }, { status: 'Unusable', why: '+Inf is not finite' }],
    [
      'two series',
      { resultType: 'vector', result: [{ value: [1, '1'] }, { value: [1, '2'] }] },
      { status: 'Unusable', why: '2 series where one is needed; aggregate them, with sum() for example' },
    ],
    [
      'a histogram',
      { resultType: 'vector', result: [{ histogram: [1, {}] }] },
      { status: 'Unusable', why: 'a histogram where a number is needed' },
    ],
    [
      'a matrix',
      { resultType: 'matrix', result: [] },
      { status: 'Unusable', why: 'a result of type matrix where a scalar or a vector of one series is needed' },
    ],
    ['nothing', undefined, { status: 'Unusable', why: 'a result of type undefined where a scalar or a vector of one series is needed' }],
  ];
  for (const [what, data, sample] of cases) {
    it(`that is ${what} means ${sample.status}`, () => {
      assert.deepEqual(readSample(data), sample);
    });
  }
});
