import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLedger, type LedgerOptions, type OpenLedger } from '../../../runner/ledger/open-ledger.ts';
import { aRecord } from '../../support/builders.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';
import { makeKey } from './ssh-server.ts';

const BRANCH = 'fieldtrial/results';
const EMAIL = 'fieldtrial@example.com';

/** Refuses every push with a commit that nobody known has signed. */
const DEMAND_SIGNATURES = `
while read old new ref; do
  for commit in $(git rev-list $new --not --all); do
    git verify-commit $commit 2>/dev/null || { echo "$commit is not signed"; exit 1; }
  done
done`;

describe('a server that demands signatures', function () {
  this.timeout('60s');

  const { signal } = new AbortController();
  let remote: Remote;
  let signingKeyFile: string;

  beforeEach(async () => {
    remote = await createRemote({ 'README.md': 'definitions\n' });
    signingKeyFile = join(remote.scratch, 'signing');
    await makeKey(signingKeyFile);
    const allowed = join(remote.scratch, 'allowed');
    await writeFile(allowed, `${EMAIL} ${await readFile(`${signingKeyFile}.pub`, 'utf8')}`);
    await remote.git('config', 'gpg.ssh.allowedSignersFile', allowed);
    await remote.hook('pre-receive', DEMAND_SIGNATURES);
  });
  afterEach(() => remote.cleanup());

  function open(options: Partial<LedgerOptions> = {}): Promise<OpenLedger> {
    return openLedger(
      {
        repository: remote.url,
        definitionsBranch: 'main',
        author: { name: 'Fieldtrial', email: EMAIL },
        workdir: remote.scratch,
        environment: GIT_ENVIRONMENT,
        run: 'r1',
        version: '0.1.0',
        emit: () => undefined,
        pushInterval: 0,
        ...options,
      },
      signal,
    );
  }

  it('accepts ours, whose messages and files are as without', async () => {
    const ledger = await open({ signingKeyFile });
    await ledger.begin(['sizing'], signal);

    await Promise.all([1, 2].map((number) => ledger.submit(aRecord({ number }))));

    const two = ['sizing-002: completed without metrics', 'sizing-001: completed without metrics'];
    assert.deepEqual(await remote.log(BRANCH), [...two, 'Begin run r1', `Create ${BRANCH}`]);
    assert.equal(await remote.git('log', '--format=%G?', BRANCH), 'G\nG\nG\nG');
    assert.deepEqual(await remote.list(BRANCH), ['README.md', 'experiments/sizing/trials/001.yaml', 'experiments/sizing/trials/002.yaml']);
  });

  it('refuses those without, in its own words', async () => {
    const ledger = await open();

    await assert.rejects(ledger.begin([], signal), {
      name: 'PreflightFailed',
      message: /pre-receive hook declined; [0-9a-f]+ is not signed/,
    });
  });

  it('is not reached with a key that is none', async () => {
    const none = join(remote.scratch, 'none');
    await writeFile(none, 'not a key', { mode: 0o600 });
    const ledger = await open({ signingKeyFile: none });

    await assert.rejects(ledger.begin([], signal), {
      name: 'PreflightFailed',
      message: /^a commit could not be signed with the key .*none: /,
    });
  });
});
