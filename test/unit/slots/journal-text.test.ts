import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import { formatJournal, parseJournal } from '../../../runner/slots/journal-text.ts';
import { aRecord } from '../../support/builders.ts';
import { aProgress, aRenderedTrial } from '../../support/trials.ts';

describe("a journal's text", () => {
  it('gives the journal back', () => {
    const journal: Journal = { active: aProgress(), owed: [aRecord()] };

    const text = formatJournal(journal);

    assert.match(text, /^\{"active":/);
    assert.deepEqual(parseJournal(text), JSON.parse(JSON.stringify(journal)));
  });

  it('is empty where there is no annotation', () => {
    assert.deepEqual(parseJournal(undefined), { owed: [] });
  });

  it('is packed when it is long', () => {
    const journal: Journal = { owed: [aRecord({ failure: { message: 'word '.repeat(20_000) } })] };

    const text = formatJournal(journal);

    assert.ok(text.length < 10_000, `${text.length} characters`);
    assert.deepEqual(parseJournal(text), journal);
  });

  it("leaves the repository's files out where they do not fit", () => {
    const files = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'f' },
      binaryData: { a: randomBytes(300_000).toString('base64') },
    };

    const text = formatJournal({ teardown: { rendered: aRenderedTrial({ files }) }, owed: [] });

    assert.deepEqual(parseJournal(text).teardown?.rendered.files, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'f' },
      omitted: true,
    });
  });

  it('leaves packed charts out where they do not fit, and marks their ConfigMaps', () => {
    // Nothing packs random bytes.
    const chart = randomBytes(300_000).toString('base64');
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sizing-001-setup' }, binaryData: { 'db.tgz': chart } };
    const rendered = aRenderedTrial({ setup: { configMaps: [configMap], create: { kind: 'Job' }, delete: { kind: 'Job' }, hosts: [] } });

    const text = formatJournal({ active: aProgress({ rendered }), owed: [aRecord()] });

    assert.ok(text.length < 200_000, `${text.length} characters`);
    assert.deepEqual(parseJournal(text).active?.rendered.setup, {
      configMaps: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sizing-001-setup' }, omitted: true }],
      create: { kind: 'Job' },
      delete: { kind: 'Job' },
      hosts: [],
    });
  });
});
