import assert from 'node:assert/strict';
import { gitCredentials, gitSecrets } from '../../../runner/cli/git-credentials.ts';

describe('git credentials', () => {
  it('are those of the user when nothing is said', () => {
    assert.equal(gitCredentials({}, {}, '/home/me'), undefined);
  });

  it('are a token of a file, with its user name', () => {
    assert.deepEqual(gitCredentials({ gitTokenFile: '/token', gitUsername: 'oauth2' }, {}, '/home/me'), {
      type: 'token',
      username: 'oauth2',
      tokenFile: '/token',
    });
  });

  it('are a bearer token when that is said', () => {
    assert.deepEqual(gitCredentials({ gitTokenFile: '/token', gitAuth: 'bearer' }, {}, '/home/me'), {
      type: 'token',
      auth: 'bearer',
      tokenFile: '/token',
    });
  });

  it('are a token of the environment', () => {
    assert.deepEqual(gitCredentials({}, { FIELDTRIAL_GIT_TOKEN: 't0ken' }, '/home/me'), { type: 'token', token: 't0ken' });
  });

  it('are the token of the file where both are there: it may be replaced while a run lasts', () => {
    assert.deepEqual(gitCredentials({ gitTokenFile: '/token' }, { FIELDTRIAL_GIT_TOKEN: 't0ken' }, '/home/me'), {
      type: 'token',
      tokenFile: '/token',
    });
  });

  it('are a key with the hosts that are trusted', () => {
    assert.deepEqual(gitCredentials({ gitSshKey: '/key', gitKnownHosts: '/hosts' }, {}, '/home/me'), {
      type: 'ssh',
      keyFile: '/key',
      knownHostsFile: '/hosts',
    });
  });

  it('are in files that are named from the current folder, since git and ssh work in another', () => {
    const ssh = gitCredentials({ gitSshKey: 'keys/id', gitKnownHosts: './hosts' }, {}, '/home/me');
    const token = gitCredentials({ gitTokenFile: '../token' }, {}, '/home/me');

    assert.deepEqual(ssh, { type: 'ssh', keyFile: '/home/me/keys/id', knownHostsFile: '/home/me/hosts' });
    assert.deepEqual(token, { type: 'token', tokenFile: '/home/token' });
  });

  it('are no key for a host that nobody vouches for', () => {
    assert.throws(() => gitCredentials({ gitSshKey: '/key' }, {}, '/home/me'), {
      name: 'UsageError',
      message: /--git-ssh-key needs --git-known-hosts/,
    });
  });
});

describe('git secrets', () => {
  it('are the token of the environment and the password in a URL, as it stands there and as it is', () => {
    assert.deepEqual(gitSecrets('https://me:p%40ss@host/repo.git', { FIELDTRIAL_GIT_TOKEN: 't0ken' }), ['t0ken', 'p%40ss', 'p@ss']);
  });

  it('are the passwords of proxies', () => {
    assert.deepEqual(gitSecrets('/srv/repo.git', { https_proxy: 'http://me:s3cret@proxy:3128' }), ['s3cret']);
  });

  it('are a password with a percent sign that escapes nothing', () => {
    assert.deepEqual(gitSecrets('/srv/repo.git', { HTTP_PROXY: 'http://me:50%off@proxy:3128' }), ['50%off']);
  });

  it('are a token in the place of the user name, with or without a word in the place of the password', () => {
    assert.deepEqual(gitSecrets('https://ghp_tokenasuser123:x-oauth-basic@host/repo.git', {}), ['x-oauth-basic', 'ghp_tokenasuser123']);
    assert.deepEqual(gitSecrets('https://ghp_tokenasuser123@host/repo.git', {}), ['ghp_tokenasuser123']);
  });

  it('are no name of a person, which would be masked as a word wherever it stands', () => {
    assert.deepEqual(gitSecrets('https://fieldtrial@host/repo.git', {}), []);
  });

  it('are no user name for ssh, which has no tokens', () => {
    assert.deepEqual(gitSecrets('ssh://org-12345678901234@host/repo.git', {}), []);
  });

  it('are none in a path', () => {
    assert.deepEqual(gitSecrets('/srv/repo.git', {}), []);
  });
});
