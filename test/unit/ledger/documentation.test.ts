import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { commitMessage } from '../../../runner/ledger/commit-message.ts';
import { formatRecord, parseRecord } from '../../../runner/ledger/record-text.ts';
import { aRecord } from '../../support/builders.ts';

describe('docs/results.md', () => {
  const page = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8');
  const text = /^```yaml\n(.*?)^```/ms.exec(page)?.[1] ?? '';

  it('shows a record as the runner writes it', () => {
    assert.equal(formatRecord(parseRecord(text, 'docs/results.md')), text);
  });

  it('shows the commit message of that record', () => {
    const baseline = aRecord({ source: { type: 'baseline' }, values: { p95: 0.2625, cost: 41.2 } });

    const message = commitMessage(parseRecord(text, 'docs/results.md'), { baseline });

    assert.ok(page.includes(`\n${message}\`\`\`\n`), message);
  });
});
