import assert from 'node:assert/strict';

import { noAnswer, refusal } from '../../../runner/cluster/failure.ts';

describe('refusal', () => {
  it("takes over the Status object's reason and message", () => {
    const body = JSON.stringify({ kind: 'Status', reason: 'Invalid', message: 'Deployment.apps "shop" is invalid' });

    const { error } = refusal('patch Deployment shop/shop', 422, body, undefined);

    assert.deepEqual([error.status, error.reason], [422, 'Invalid']);
    assert.equal(error.message, 'patch Deployment shop/shop: Deployment.apps "shop" is invalid');
  });

  it("quotes the beginning of a proxy's page on one line", () => {
    const { error } = refusal('list Pod in shop', 502, `<html>\n  Bad Gateway ${'.'.repeat(1_000)}`, undefined);

    assert.equal(error.reason, 'Unknown');
    assert.match(error.message, /^list Pod in shop: HTTP 502: <html> Bad Gateway \.+…$/);
    assert.ok(error.message.length < 300);
  });

  it('reads how many seconds to wait', () => {
    const waits = ['2', 'Wed, 21 Oct 2026 07:28:00 GMT', '-1', undefined].map((header) => refusal('x', 429, '', header).retryAfter);

    assert.deepEqual(waits, [2_000, 0, 0, 0]);
  });
});

describe('noAnswer', () => {
  it('knows when nothing was sent', () => {
    assert.equal(noAnswer('x', withCode('ECONNREFUSED')).uncertain, false);
    assert.equal(noAnswer('x', withCode('ECONNRESET')).uncertain, true);
    assert.equal(noAnswer('x', withCode('UND_ERR_HEADERS_TIMEOUT')).uncertain, true);
  });

  it('gives up at once on a certificate that is not trusted', () => {
    for (const code of [
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ]) {
      const { error, permanent } = noAnswer('x', withCode(code));

      assert.deepEqual([permanent, error.reason], [true, 'UntrustedCertificate'], code);
    }
  });

  it('tells what every address of a host said', () => {
    const cause = Object.assign(
      new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]),
      {
        code: 'ECONNREFUSED',
      },
    );

    const { error } = noAnswer('get Pod a/b', cause);

    assert.equal(error.message, 'get Pod a/b: no answer from the API server: connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1');
    assert.equal(error.cause, cause);
  });

  it('lets bugs through', () => {
    const bug = new TypeError('undefined is not a function');

    assert.throws(() => noAnswer('x', bug), bug);
    assert.throws(() => noAnswer('x', withCode('UND_ERR_INVALID_ARG')));
  });
});

function withCode(code: string): Error {
  return Object.assign(new Error('broken'), { code });
}
