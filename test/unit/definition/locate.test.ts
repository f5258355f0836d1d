import assert from 'node:assert/strict';
import { formatPath } from '../../../runner/definition/locate.ts';

describe('formatPath', () => {
  it('joins keys with dots and shows indexes in brackets', () => {
    assert.equal(formatPath(['spec', 'parameters', 0, 'min']), 'spec.parameters[0].min');
  });

  it('quotes keys that contain dots or slashes', () => {
    assert.equal(formatPath(['metadata', 'labels', 'app.kubernetes.io/name']), 'metadata.labels["app.kubernetes.io/name"]');
  });

  it('leaves the document itself empty', () => {
    assert.equal(formatPath([]), '');
  });
});
