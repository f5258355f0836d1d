import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aRecord } from '../../support/builders.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';
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

  it('accepts ours, whose messages and files are as without', async () => {
    const ledger = await openTestLedger(remote, { signingKeyFile });
    await ledger.begin(['sizing'], signal);

    await Promise.all([1, 2].map((number) => ledger.submit(aRecord({ number }))));

    const two = ['sizing-002: completed without metrics', 'sizing-001: completed without metrics'];
    assert.deepEqual(await remote.log(BRANCH), [...two, 'Begin run r1', `Create ${BRANCH}`]);
    assert.equal(await remote.git('log', '--format=%G?', BRANCH), 'G\nG\nG\nG');
    assert.deepEqual(await remote.list(BRANCH), ['README.md', 'experiments/sizing/trials/001.yaml', 'experiments/sizing/trials/002.yaml']);
  });

  it('refuses those without, in its own words', async () => {
    const ledger = await openTestLedger(remote);

    await assert.rejects(ledger.begin([], signal), {
      name: 'PreflightFailed',
      message: /pre-receive hook declined; [0-9a-f]+ is not signed/,
    });
  });

  it('is not reached with a key that is none', async () => {
    const none = join(remote.scratch, 'none');
    await writeFile(none, 'not a key', { mode: 0o600 });
    const ledger = await openTestLedger(remote, { signingKeyFile: none });

    await assert.rejects(ledger.begin([], signal), {
      name: 'PreflightFailed',
      message: /^a commit could not be signed with the key .*none: /,
    });
  });
});
