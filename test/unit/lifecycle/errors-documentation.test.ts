import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { EXIT } from '../../../runner/cli/exit-code.ts';
import { Interrupted } from '../../../runner/cli/report-error.ts';
import { formatRecord } from '../../../runner/ledger/record-text.ts';
import type { RecordedFailure } from '../../../runner/model/record.ts';
import { aRecord } from '../../support/builders.ts';

const project = join(import.meta.dirname, '../../..');
const page = readFileSync(join(project, 'docs/errors.md'), 'utf8');

describe('docs/errors.md', () => {
  it('explains every reason that the source gives, and no other', () => {
    assert.deepEqual(documentedReasons(), reasonsOfSource());
  });

  it('shows a failure as records have it', () => {
    const [, example = ''] = /^```yaml\n(.*?)^```/ms.exec(page) ?? [];
    const { failure } = (load(example) as { status: { failure: RecordedFailure } }).status;
    const record = aRecord();

    const text = formatRecord({ ...record, status: { ...record.status, phase: 'Failed', failure } });

    assert.ok(text.includes(example), text);
  });

  it('explains every exit code, and no other', () => {
    const [, section = ''] = page.split('## Exit codes');
    const codes = [...section.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = '']) => cell.split(', ').map(Number));

    assert.deepEqual(codes, [...Object.values(EXIT), new Interrupted('SIGINT').exitCode, new Interrupted('SIGTERM').exitCode]);
  });
});

/** The words in the first column of the tables. */
function documentedReasons(): string[] {
  const cells = [...page.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, reason = '']) => reason)).toSorted();
}

/** Where the source names a reason: as an argument of what fails or stops, or as the value of a `reason`. */
const NAMED = [
  /new StageFailure\([^,]+,\s*'([A-Z]\w+)'/g,
  /\b(?:failed|stop)\(\s*'([A-Z]\w+)'/g,
  /(?:\breason:|const reason =) [^;,\n]*?'([A-Z]\w+)'/g,
  /(?:\breason:|const reason =) [^;,\n]*'[A-Z]\w+' : '([A-Z]\w+)'/g,
  /\? '([A-Z]\w+)' : reason;/g,
];

function reasonsOfSource(): string[] {
  const files = globSync(['runner/{lifecycle,plan,slots}/**/*.ts', 'runner/*.ts'], { cwd: project });
  const text = files.map((file) => readFileSync(join(project, file), 'utf8')).join('\n');
  const named = NAMED.flatMap((pattern) => [...text.matchAll(pattern)].map(([, reason = '']) => reason));
  const [, ofNodes = ''] = /NODE_REASONS = new Set\(\[(.*?)\]\)/s.exec(text) ?? [];
  const reasons = new Set([...named, ...[...ofNodes.matchAll(/'(\w+)'/g)].map(([, reason = '']) => reason)]);
  // What conditions of a trial say that went well.
  reasons.delete('Succeeded');
  return [...reasons].toSorted();
}
