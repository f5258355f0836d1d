import assert from 'node:assert/strict';
import { writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { checkoutDefinitions } from '../../../runner/ledger/checkout.ts';
import type { LedgerOptions } from '../../../runner/ledger/open-ledger.ts';
import { aRecord } from '../../support/builders.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';
import { tellingPrograms } from '../../support/telling-programs.ts';
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

  it('gives ssh the path of the key, never its content, and tells nothing of a key that ssh cannot read', async () => {
    const programs = await tellingPrograms(join(remote.scratch, 'bin'), { git: undefined, ssh: undefined });
    const environment = { ...GIT_ENVIRONMENT, PATH: programs.path, FIELDTRIAL_REMOTE_TOKEN: 'remote-token-c83e51' };
    const lines = (await readFile(server.keyFile, 'utf8')).trim().split('\n').slice(1, -1);
    const broken = join(remote.scratch, 'broken');
    await writeFile(broken, (await readFile(server.keyFile, 'utf8')).replace(lines[0]!.slice(0, 20), ''), { mode: 0o600 });

    await (await open({ environment })).close();
    const failure = await open({ environment, credentials: { ...credentials(), keyFile: broken } }).catch((error: unknown) => error);

    const [called, given] = [await programs.arguments(), await programs.environments()];
    assert.match(called, new RegExp(`^argv ssh .*-i ${server.keyFile} `, 'm'));
    assert.match(given, /^GIT_SSH_COMMAND=/m);
    assert.match(String(failure), /refused the login/);
    for (const secret of ['remote-token-c83e51', ...lines]) assert.ok(!`${called}${given}${inspect(failure)}`.includes(secret));
  });
});
