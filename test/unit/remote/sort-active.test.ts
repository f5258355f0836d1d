import assert from 'node:assert/strict';
import { sortActive, type KnownTrials } from '../../../runner/remote/sort-active.ts';
import { aRecord } from '../../support/builders.ts';

const URL = 'https://api.test/v1/experiments/sizing/trials/1';
const EVICTED = { failure: { reason: 'Evicted', infrastructure: true } };
const remote = { type: 'remote', url: URL } as const;
const retry = { type: 'retry', of: 1, url: URL } as const;

describe('a trial that the API has handed out and heard nothing of', () => {
  const fateOf = ({ records = [], pending = [] }: Partial<KnownTrials>, { owed = false, digest = 'digest' } = {}): string => {
    const { takenUp, abandoned } = sortActive([{ url: URL }], { records, pending }, { digest, owes: () => owed });
    return takenUp.length > 0 ? 'taken up' : abandoned.length > 0 ? 'abandoned' : 'left alone';
  };

  it('is taken up when nobody knows it: its answer was lost on the way', () => {
    assert.equal(fateOf({ records: [aRecord()] }), 'taken up');
  });

  it('is left alone while it runs, for the first time or again', () => {
    assert.equal(fateOf({ pending: [{ source: remote }] }), 'left alone');
    assert.equal(fateOf({ records: [aRecord({ source: remote, ...EVICTED })], pending: [{ source: retry }] }), 'left alone');
  });

  it('is left alone while its report is owed', () => {
    assert.equal(fateOf({ records: [aRecord({ source: remote })] }, { owed: true }), 'left alone');
  });

  it('is left alone while it waits for its second try', () => {
    assert.equal(fateOf({ records: [aRecord({ source: remote, ...EVICTED })] }), 'left alone');
  });

  it('is abandoned when there will be no second try, since the definition is another', () => {
    assert.equal(fateOf({ records: [aRecord({ source: remote, ...EVICTED })] }, { digest: 'another' }), 'abandoned');
  });

  it('is abandoned when its second try failed too, or when its report was taken and forgotten', () => {
    assert.equal(
      fateOf({ records: [aRecord({ source: remote, ...EVICTED }), aRecord({ number: 2, source: retry, ...EVICTED })] }),
      'abandoned',
    );
    assert.equal(fateOf({ records: [aRecord({ source: remote })] }), 'abandoned');
  });
});
