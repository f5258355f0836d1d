import assert from 'node:assert/strict';
import { redactUrl } from '../../../runner/ledger/redact-url.ts';
import { parseRepository } from '../../../runner/ledger/repository-address.ts';

describe('parseRepository', () => {
  it('takes the login out of an http URL', () => {
    assert.deepEqual(parseRepository('https://me:p%40ss@git.example/shop.git'), {
      transport: 'http',
      url: 'https://git.example/shop.git',
      name: 'https://git.example/shop.git',
      origin: 'https://git.example',
      login: { username: 'me', password: 'p@ss' },
    });
  });

  it('takes a percent sign that escapes nothing as it is', () => {
    const address = parseRepository('https://me:50%off@git.example/shop.git');

    assert.deepEqual(address.transport === 'http' && address.login, { username: 'me', password: '50%off' });
  });

  for (const url of ['git@git.example:team/shop.git', 'ssh://git@git.example:2222/team/shop.git']) {
    it(`leaves ${url} as it is`, () => {
      assert.deepEqual(parseRepository(url), { transport: 'ssh', url, name: url });
    });
  }

  it('makes a file URL of a path, and a path of a file URL', () => {
    const address = { transport: 'file', url: 'file:///srv/my%20shop.git', name: '/srv/my shop.git', path: '/srv/my shop.git' };

    assert.deepEqual(parseRepository('/srv/my shop.git'), address);
    assert.deepEqual(parseRepository('file:///srv/my%20shop.git'), address);
  });

  it('refuses a transport that could run commands', () => {
    assert.throws(() => parseRepository('ext::sh -c whoami'), { name: 'PreflightFailed', message: /scheme that is not supported/ });
  });
});

describe('redactUrl', () => {
  for (const [text, redacted] of [
    ["fatal: unable to access 'https://me:pw@h/r/': no", "fatal: unable to access 'https://***@h/r/': no"],
    ['https://ghp_token@h/r and http://a:b@c/', 'https://***@h/r and http://***@c/'],
    ['ssh://git@h/r', 'ssh://git@h/r'],
    ['ssh://git:pw@h/r', 'ssh://***@h/r'],
    ['git@h:r', 'git@h:r'],
    ['https://h/r?q=a@b', 'https://h/r?q=a@b'],
  ] as const) {
    it(`makes ${redacted} of ${text}`, () => {
      assert.equal(redactUrl(text), redacted);
    });
  }
});
