import assert from 'node:assert/strict';

import { redactor } from '../../../runner/progress/redact.ts';

const token = 'ghp_s3cr3t/+Token value?';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('redactor', () => {
  const redact = redactor([token]);

  const forms: [string, string][] = [
    ['as it is', token],
    ['URL-encoded', encodeURIComponent(token)],
    ['URL-encoded with lower-case escapes', encodeURIComponent(token).replaceAll(/%../g, (escape) => escape.toLowerCase())],
    ['form-encoded', new URLSearchParams({ token }).toString().slice('token='.length)],
    ['in base64', base64(token)],
    ['in base64 without padding', base64(token).replace(/=+$/, '')],
    ['in base64url', Buffer.from(token).toString('base64url')],
  ];
  for (const [form, text] of forms) {
    it(`masks a secret ${form}`, () => {
      assert.equal(redact(`fatal: https://x:${text}@git.example/repo`), 'fatal: https://x:***@git.example/repo');
    });
  }

  for (const user of ['x', 'me', 'git', 'x-access-token']) {
    it(`masks a secret in a Basic authorization header of user ${user}`, () => {
      const header = redact(base64(`${user}:${token}`));

      // One character on either side may also hold bits of what stands beside the secret.
      const [before, after, ...more] = header.split('***');
      assert.ok(before!.length <= Math.ceil(((user.length + 1) * 8) / 6), `before the mask: ${before}`);
      assert.ok(after !== undefined && after.replace(/=+$/, '').length <= 1, `after the mask: ${after}`);
      assert.deepEqual(more, []);
    });
  }

  it('masks a secret inside JSON', () => {
    const secret = 'with "quotes" and \\';

    assert.equal(redactor([secret])(JSON.stringify({ message: secret })), '{"message":"***"}');
  });

  it('masks the lines of a secret that has several', () => {
    const key = '-----BEGIN KEY-----\nb3BlbnNzaC1rZXk\n-----END KEY-----\n';

    assert.equal(redactor([key])('read b3BlbnNzaC1rZXk from the file'), 'read *** from the file');
  });

  it('masks every occurrence', () => {
    assert.equal(redactor(['hunter2'])('hunter2 is hunter2'), '*** is ***');
  });

  it('masks the longer of two secrets that overlap', () => {
    assert.equal(redactor(['pass', 'password1'])('password1 pass'), '*** ***');
  });

  it('ignores secrets of fewer than four characters', () => {
    assert.equal(redactor(['', 'abc'])('abc'), 'abc');
  });

  it('leaves other text alone', () => {
    assert.equal(redact('trial sizing-001 Completed'), 'trial sizing-001 Completed');
  });
});
