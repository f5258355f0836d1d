import assert from 'node:assert/strict';
import { writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutDefinitions } from '../../../runner/ledger/checkout.ts';
import type { LedgerOptions } from '../../../runner/ledger/open-ledger.ts';
import { aRecord } from '../../support/builders.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';
import { makeKey, startSshServer, type SshServer } from './ssh-server.ts';

const BRANCH = 'fieldtrial/results';

describe('git over SSH', function () {
  this.timeout('60s');

  const { signal } = new AbortController();
  let remote: Remote;
  let server: SshServer;

  before(async () => {
    remote = await createRemote({ 'README.md': 'definitions\n' });
    server = await startSshServer(join(remote.scratch, 'ssh'));
  });
  after(async () => {
    await server?.close();
    await remote?.cleanup();
  });

  const repository = () => `${server.url}${remote.path}`;
  const credentials = (knownHostsFile = server.knownHostsFile) => ({ type: 'ssh' as const, keyFile: server.keyFile, knownHostsFile });

  const open = (options: Partial<LedgerOptions> = {}) =>
    openTestLedger(remote, { repository: repository(), workdir: join(remote.scratch, 'work'), credentials: credentials(), ...options });

  it('reads definitions and pushes records with a key', async () => {
    const checkout = await checkoutDefinitions({
      repository: repository(),
      workdir: join(remote.scratch, 'checkout'),
      credentials: credentials(),
      environment: GIT_ENVIRONMENT,
      signal,
    });
    const ledger = await open();
    await ledger.submit(aRecord());

    assert.equal(checkout.commit, await remote.git('rev-parse', 'main'));
    assert.equal((await remote.log(BRANCH))[0], 'sizing-001: completed without metrics');
  });

  it('refuses a host that the file does not know, and says what to do', async () => {
    const empty = join(remote.scratch, 'nobody');
    await writeFile(empty, '');

    await assert.rejects(open({ credentials: credentials(empty) }), {
      name: 'PreflightFailed',
      message: /^the host key of ssh:.* is not in the known_hosts file, or another one is: somebody may stand between\. Ask whoever runs/,
    });
  });

  it('refuses a host whose key is another than it was', async () => {
    const changed = join(remote.scratch, 'changed');
    await makeKey(join(remote.scratch, 'other'));
    const [type, key] = (await readFile(join(remote.scratch, 'other.pub'), 'utf8')).split(' ');
    const [name] = (await readFile(server.knownHostsFile, 'utf8')).split(' ');
    await writeFile(changed, `${name} ${type} ${key}\n`);

    await assert.rejects(open({ credentials: credentials(changed) }), { name: 'PreflightFailed', message: /ssh-keygen -R HOST -f FILE/ });
  });

  it('says that a key is not let in', async () => {
    const keyFile = join(remote.scratch, 'stranger');
    await makeKey(keyFile);

    await assert.rejects(open({ credentials: { ...credentials(), keyFile } }), {
      name: 'PreflightFailed',
      message: /refused the login, or needs one; check the git token or ssh key \(.*Permission denied/,
    });
  });
});
