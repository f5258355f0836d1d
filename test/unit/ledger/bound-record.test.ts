import assert from 'node:assert/strict';
import { boundRecord, MAX_RECORD_BYTES } from '../../../runner/ledger/bound-record.ts';
import { formatRecord } from '../../../runner/ledger/record-text.ts';
import type { Evidence } from '../../../runner/model/errors.ts';
import { aRecord } from '../../support/builders.ts';

describe('boundRecord', () => {
  it('returns a record that is short enough as it is', () => {
    const record = aRecord({ values: { p95: 0.2 } });

    assert.equal(boundRecord(record), record);
  });

  it('keeps the end of a log and says how much is gone', () => {
    const log = `${'x'.repeat(100_000)}\nthe last line\n`;

    const [container] = evidenceOf({ containers: [{ pod: 'p', container: 'c', log }] }).containers ?? [];

    const [marker, ...rest] = (container?.log ?? '').split('\n');
    assert.equal(rest.slice(-2)[0], 'the last line');
    assert.equal(marker, `… (cut, ${log.length - rest.join('\n').length} bytes)`);
  });

  it('keeps the beginning of everything else', () => {
    const refused = `the server said ${'no '.repeat(50_000)}`;

    const kept = evidenceOf({ refused }).refused ?? '';

    const [, head, cut] = /^(the server said .*)… \(cut, (\d+) bytes\)$/.exec(kept) ?? [];
    assert.equal(Number(head?.length) + Number(cut), refused.length);
  });

  it('cuts only what is long', () => {
    const evidence = evidenceOf({ refused: 'x'.repeat(100_000), containers: [{ pod: 'p', container: 'c', log: 'short\n' }] });

    assert.equal(evidence.containers?.[0]?.log, 'short\n');
  });

  it('never cuts a character in two', () => {
    const log = '😀'.repeat(30_000);

    const evidence = evidenceOf({ refused: log, containers: [{ pod: 'p', container: 'c', log }] });

    assert.doesNotMatch(JSON.stringify(evidence), /\ufffd|\\ud/);
  });

  it('keeps the last of many events', () => {
    const events = Array.from({ length: 5_000 }, (_, index) => `Reason: event ${index}`);

    const kept = evidenceOf({ events }).events ?? [];

    assert.ok(kept.length < events.length);
    assert.equal(kept.at(-1), 'Reason: event 4999');
  });

  it('keeps assignments, values and reasons whatever is cut', () => {
    const values = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`metric-${index}`, index]));
    const record = aRecord({ values, failure: { reason: 'MetricFailed' } });
    const noisy = {
      ...record,
      status: { ...record.status, values: record.status.values.map((value) => ({ ...value, raw: 'x'.repeat(5_000) })) },
    };

    const { status, spec } = boundRecord(noisy);

    assert.deepEqual(
      status.values.map(({ name, value }) => ({ name, value })),
      record.status.values.map(({ name, value }) => ({ name, value })),
    );
    assert.deepEqual([spec, status.failure?.reason], [record.spec, 'MetricFailed']);
  });

  it('changes nothing when it is applied again', () => {
    const bounded = boundRecord(aRecord({ failure: { message: 'x'.repeat(200_000) } }));

    assert.equal(boundRecord(bounded), bounded);
  });
});

/** The evidence that is left of a record with this one, whose file is checked to be short enough. */
function evidenceOf(evidence: Evidence): Evidence {
  const bounded = boundRecord(aRecord({ failure: { evidence } }));

  assert.ok(Buffer.byteLength(formatRecord(bounded)) <= MAX_RECORD_BYTES);
  return bounded.status.failure?.evidence ?? {};
}
