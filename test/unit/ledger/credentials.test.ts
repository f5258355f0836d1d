import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccess } from '../../../runner/ledger/credentials.ts';
import { parseRepository } from '../../../runner/ledger/repository-address.ts';

describe('readAccess', () => {
  const https = parseRepository('https://git.example/shop.git');

  it("sends a token as a header to the repository's own origin only", async () => {
    const { config } = await readAccess({ type: 'token', username: 'bot', token: 'abcd1234' }, https);

    const basic = Buffer.from('bot:abcd1234').toString('base64');
    assert.deepEqual(config[0], ['http.https://git.example/.extraHeader', `Authorization: Basic ${basic}`]);
  });

  it('uses the login of the URL when no credentials are given', async () => {
    const { config } = await readAccess(undefined, parseRepository('https://bot:p%40ss@git.example/shop.git'));

    assert.deepEqual(config[0]?.[1], `Authorization: Basic ${Buffer.from('bot:p@ss').toString('base64')}`);
  });

  it("leaves the user's own credential helper in charge without credentials", async () => {
    assert.deepEqual(await readAccess(undefined, https), { environment: {}, config: [], secrets: [] });
  });

  describe('by ssh', () => {
    const ssh = parseRepository('git@git.example:shop.git');
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fieldtrial-test-'));
      await writeFile(join(folder, "it's mine"), 'a key');
      await writeFile(join(folder, 'known hosts'), '');
    });
    afterEach(() => rm(folder, { recursive: true }));

    function withFiles(keyFile: string, knownHostsFile: string) {
      return readAccess({ type: 'ssh', keyFile: join(folder, keyFile), knownHostsFile: join(folder, knownHostsFile) }, ssh);
    }

    it('gives ssh the key and the known hosts, and refuses unknown ones', async () => {
      const { environment } = await withFiles("it's mine", 'known hosts');

      const command = (environment['GIT_SSH_COMMAND'] ?? '').replaceAll(folder, '/keys');
      assert.match(command, /-i '\/keys\/it'\\''s mine' -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes/);
      assert.match(command, /-o 'UserKnownHostsFile="\/keys\/known hosts"'/);
      assert.match(command, /-o BatchMode=yes/);
    });

    it('names the file that is missing', async () => {
      await assert.rejects(withFiles('id', 'known hosts'), {
        kind: 'authentication',
        message: `the ssh key file ${join(folder, 'id')} cannot be read (ENOENT)`,
      });
      await assert.rejects(withFiles("it's mine", 'hosts'), {
        kind: 'authentication',
        message: `the known_hosts file ${join(folder, 'hosts')} cannot be read (ENOENT)`,
      });
    });
  });

  it('needs nothing for a local repository', async () => {
    assert.deepEqual((await readAccess({ type: 'token', tokenFile: '/nowhere' }, parseRepository('/srv/shop.git'))).config, []);
  });

  it('refuses an empty token', async () => {
    await assert.rejects(readAccess({ type: 'token', token: ' \n' }, https), { kind: 'authentication', message: 'the git token is empty' });
  });

  it('refuses an ssh key for an https URL, and a token for an ssh URL', async () => {
    await assert.rejects(readAccess({ type: 'ssh', keyFile: 'k', knownHostsFile: 'h' }, https), { kind: 'authentication' });
    await assert.rejects(readAccess({ type: 'token', token: 't' }, parseRepository('ssh://git@git.example/shop')), {
      kind: 'authentication',
    });
  });
});
