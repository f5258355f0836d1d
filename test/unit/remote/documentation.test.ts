import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { remoteOptions } from '../../../runner/cli/options.ts';
import { formatRemote, parseRemote } from '../../../runner/ledger/remote-file.ts';

const DOCS = new URL('../../../docs/', import.meta.url);

describe('docs/remote.md', () => {
  const page = readFileSync(new URL('remote.md', DOCS), 'utf8');
  const examples = new Map(page.matchAll(/```yaml\n# (.+)\n([^]*?)```/g).map(([, path, text]) => [path!, text!]));

  it('shows the example as it is', () => {
    const path = 'experiments/checkout-remote/experiment.yaml';

    assert.equal(examples.get(path), readFileSync(new URL(`examples/${path}`, DOCS), 'utf8'));
  });

  it('shows remote.yaml as the runner writes it', () => {
    const text = examples.get('experiments/checkout-remote/remote.yaml')!;

    assert.equal(formatRemote('checkout-remote', parseRemote(text)!), text);
  });

  it('has a row for every flag', () => {
    const flags = remoteOptions(new Command()).options.map(({ long }) => long);

    const rows = Array.from(page.matchAll(/^\| `(--remote-[a-z-]+)` \|/gm), ([, flag]) => flag);

    assert.deepEqual(rows, [...flags, '--remote-wait']);
  });
});
