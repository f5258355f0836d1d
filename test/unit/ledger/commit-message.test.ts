import assert from 'node:assert/strict';
import { commitMessage, type CommitContext } from '../../../runner/ledger/commit-message.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { aRecord } from '../../support/builders.ts';

describe('commitMessage', () => {
  const baseline = aRecord({ number: 1, source: { type: 'baseline' }, values: { p95: 0.2625, cost: 41.2, errors: 0 } });

  it('has a subject, a body for people and trailers for machines', () => {
    const record = aRecord({
      experiment: 'checkout-sizing',
      number: 7,
      assignments: { cpu: 1500, gc: 'zgc' },
      values: { p95: 0.231, cost: 41.2 },
    });
    const timed = {
      ...record,
      status: { ...record.status, startTime: '2026-01-01T00:00:00.000Z', completionTime: '2026-01-01T00:02:05.000Z' },
    };

    assert.equal(
      commitMessage(timed, { baseline }),
      `checkout-sizing-007: p95 0.231 (-12% vs baseline), cost 41.2

  cpu = 1500
  gc = zgc

Ran in slot shop-1 for 2m5s.

Fieldtrial-Experiment: checkout-sizing
Fieldtrial-Trial: checkout-sizing-007
Fieldtrial-Run: earlier-run
Fieldtrial-Definition: 0123456789abcdef0123456789abcdef01234567
`,
    );
  });

  it('says at which stage and why a trial failed, and puts the whole message into the body', () => {
    const record = aRecord({
      number: 8,
      failure: { stage: 'stabilize', reason: 'OOMKilled', message: 'Deployment checkout: killed\nagain' },
    });

    const message = commitMessage(record);

    assert.equal(message.split('\n')[0], 'sizing-008: failed at stabilize: OOMKilled, Deployment checkout: killed again');
    assert.match(message, /\n\nDeployment checkout: killed\nagain\n\n {2}cpu = 1\n\n/);
  });

  for (const [subject, record, context] of [
    ['sizing-001: baseline, p95 0.2625, cost 41.2, errors 0', baseline, { baseline }],
    ['sizing-002: p95 0.2625', aRecord({ number: 2, values: { p95: 0.2625 } }), { baseline }],
    ['sizing-002: p95 0.263 (+0.2% vs baseline)', aRecord({ number: 2, values: { p95: 0.263 } }), { baseline }],
    [
      'sizing-002: p95 0.2625, cost 20.6 (-50% vs baseline), errors 3',
      aRecord({ number: 2, values: { p95: 0.2625, cost: 20.6, errors: 3 } }),
      { baseline },
    ],
    [
      'sizing-002: p95 0.525 (+100% vs baseline), cost 20.6 (-50%), errors 3',
      aRecord({ number: 2, values: { p95: 0.525, cost: 20.6, errors: 3 } }),
      { baseline },
    ],
    ['sizing-002: errors 3', aRecord({ number: 2, values: { errors: 3 } }), { baseline }],
    ['sizing-002: unknown 3', aRecord({ number: 2, values: { unknown: 3 } }), { baseline }],
    ['sizing-002: completed without metrics', aRecord({ number: 2 }), {}],
    ['sizing-002: failed at run: Error', aRecord({ number: 2, failure: { message: '' } }), {}],
    ['sizing-002: setup deleted', tornDown({ status: 'Deleted' }), { previous: aRecord({ number: 2 }) }],
    [
      'sizing-002: setup deletion failed: JobFailed, exit code 1',
      tornDown({ status: 'Failed', reason: 'JobFailed', message: 'exit code 1' }),
      { previous: aRecord({ number: 2 }) },
    ],
  ] satisfies [string, TrialRecord, CommitContext][]) {
    it(`can be "${subject}"`, () => {
      assert.equal(commitMessage(record, context).split('\n')[0], subject);
    });
  }

  it('has a subject of at most 100 characters', () => {
    const [subject] = commitMessage(aRecord({ failure: { message: 'x'.repeat(200) } })).split('\n');

    assert.equal(subject?.length, 100);
    assert.match(subject ?? '', /…$/);
  });

  it('has no control characters, whatever a message holds', () => {
    const message = commitMessage(aRecord({ failure: { message: 'red \u001b[31m and \u0000 nothing' } }));

    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(message, /[\u0000-\u0009\u000b-\u001f]/);
  });

  it('keeps what looks like a trailer in a message apart from the trailers', () => {
    const message = commitMessage(aRecord({ failure: { message: 'Fieldtrial-Trial: forged' } }));

    assert.doesNotMatch(message.split('\n\n').at(-1) ?? '', /forged/);
  });
});

function tornDown(setupDeletion: TrialRecord['status']['setupDeletion']): TrialRecord {
  const record = aRecord({ number: 2 });
  return { ...record, status: { ...record.status, setupDeletion } };
}
