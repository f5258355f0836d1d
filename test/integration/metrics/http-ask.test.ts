import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { OPEN_ACCESS, type MetricAccess } from '../../../runner/metrics/access/metric-access.ts';
import { httpAsk, type HttpRequest } from '../../../runner/metrics/http-ask.ts';
import { accessWith } from '../../support/metric-access.ts';
import { serve, type Request, type Response, type TestServer } from './serve.ts';

const TLS = join(import.meta.dirname, '../../fixtures/tls');
const certFile = join(TLS, 'certificate.pem');
const keyFile = join(TLS, 'key.pem');
const [cert, key] = [certFile, keyFile].map((file) => readFileSync(file, 'utf8')) as [string, string];
const SECRET = 's3cret-token';

describe('an HTTP request for a metric', () => {
  const { signal } = new AbortController();
  const servers: TestServer[] = [];
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-credentials-'));
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await rm(folder, { recursive: true });
  });

  async function aServer(respond: (request: Request) => Response, tls?: Parameters<typeof serve>[1]): Promise<TestServer> {
    const server = await serve(respond, tls);
    servers.push(server);
    return server;
  }

  /** A file that is mounted beside the runner. */
  async function aFile(name: string, content: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, content);
    return file;
  }

  const ask = (url: string, access: MetricAccess = OPEN_ACCESS, fields: Partial<HttpRequest> = {}) =>
    httpAsk({ url: new URL(url), limit: 100, ...fields }, access, signal);

  it('brings status and body, whatever they are', async () => {
    const { url } = await aServer(() => ({ status: 418, body: 'not JSON' }));

    assert.deepEqual(await ask(url), { status: 418, body: 'not JSON' });
  });

  it('says when the other side wants to be asked again', async () => {
    const { url } = await aServer(() => ({ status: 429, headers: { 'Retry-After': '7' }, body: '' }));

    assert.equal((await ask(url)).pause, 7_000);
  });

  it('says so for a rate limit as Datadog tells it', async () => {
    const { url } = await aServer(() => ({ status: 429, headers: { 'X-RateLimit-Reset': '3' }, body: '' }));

    assert.equal((await ask(url)).pause, 3_000);
  });

  it('says who asks, unless the installation sends another name', async () => {
    const { url, requests } = await aServer(() => ({ body: '' }));
    const userAgent = 'fieldtrial/1.0.0';

    await ask(url, { ...OPEN_ACCESS, userAgent });
    await ask(url, { ...accessWith(new URL(url).host, { plainHttp: true, headers: { 'user-agent': 'ours' } }), userAgent });

    assert.deepEqual(
      requests.map(({ headers }) => headers['user-agent']),
      ['fieldtrial/1.0.0', 'ours'],
    );
  });

  describe('that is redirected', () => {
    it('is followed within its host', async () => {
      const { url, requests } = await aServer(({ path }) =>
        path === '/a' ? { status: 302, headers: { Location: '/b?x=1' }, body: '' } : { body: 'here' },
      );

      assert.equal((await ask(`${url}/a`)).body, 'here');
      assert.deepEqual(
        requests.map(({ path, query }) => `${path}?${query}`),
        ['/a?', '/b?x=1'],
      );
    });

    it('is not followed to another host', async () => {
      const other = await aServer(() => ({ body: 'secret' }));
      const { url, host } = await aServer(() => ({ status: 302, headers: { Location: `${other.url}/login?token=1` }, body: '' }));

      await assert.rejects(ask(url), {
        name: 'HttpFailure',
        message: `${host} redirects to ${other.url}, which is not followed; give the final URL`,
        transient: false,
      });
      assert.deepEqual(other.requests, []);
    });

    it('is not followed from https to http', async () => {
      const { url, host } = await aServer(() => ({ status: 301, headers: { Location: `http://${host}/` }, body: '' }), { cert, key });

      await assert.rejects(ask(url, accessWith(host, { caFile: certFile })), { message: /redirects to http:/, transient: false });
    });

    it('is not followed for ever', async () => {
      const { url, host } = await aServer(() => ({ status: 302, headers: { Location: '/' }, body: '' }));

      await assert.rejects(ask(url), { message: `${host} redirects more than 5 times`, transient: false });
    });

    it('is not followed when it posts', async () => {
      const { url, requests } = await aServer(() => ({ status: 307, headers: { Location: '/other' }, body: '' }));

      await assert.rejects(ask(url, OPEN_ACCESS, { post: {} }), { message: /which is not followed/ });
      assert.equal(requests.length, 1);
    });
  });

  describe('with credentials of the installation', () => {
    it('is sent a bearer token, read again each time', async () => {
      const { url, host, requests } = await aServer(() => ({ body: '' }));
      const access = accessWith(host, { plainHttp: true, bearerTokenFile: await aFile('token', 'first\n') });

      await ask(url, access);
      await aFile('token', 'second\n');
      await ask(url, access);

      assert.deepEqual(
        requests.map(({ headers }) => headers.authorization),
        ['Bearer first', 'Bearer second'],
      );
    });

    it('is sent a user name and a password', async () => {
      const { url, host, requests } = await aServer(() => ({ body: '' }));
      const basic = { usernameFile: await aFile('username', 'ada'), passwordFile: await aFile('password', 'lovelace') };

      await ask(url, accessWith(host, { plainHttp: true, basic }));

      assert.equal(requests[0]?.headers.authorization, `Basic ${Buffer.from('ada:lovelace').toString('base64')}`);
    });

    it('is sent headers, written out or from files', async () => {
      const { url, host, requests } = await aServer(() => ({ body: '' }));
      const headers = { 'X-Scope-OrgID': 'shop' };

      await ask(url, accessWith(host, { plainHttp: true, headers, headerFiles: { 'X-Token': await aFile('token', SECRET) } }));

      assert.deepEqual([requests[0]?.headers['x-scope-orgid'], requests[0]?.headers['x-token']], ['shop', SECRET]);
    });

    it('sends nothing of them to another host', async () => {
      const { url, requests } = await aServer(() => ({ body: '' }));

      await ask(url, accessWith('prometheus.monitoring', { plainHttp: true, bearerTokenFile: await aFile('token', SECRET) }));

      assert.equal(requests[0]?.headers.authorization, undefined);
    });

    it('is refused over http', async () => {
      const { url, host, requests } = await aServer(() => ({ body: '' }));

      await assert.rejects(ask(url, accessWith(host, { bearerTokenFile: await aFile('token', SECRET) })), {
        message: `${host} would be sent credentials over http; use https, or plainHttp: true for that host in the metric access file`,
        transient: false,
      });
      assert.deepEqual(requests, []);
    });

    it('trusts the certificate authority of its file, and without it nobody unknown', async () => {
      const { url, host } = await aServer(() => ({ body: 'private' }), { cert, key });

      assert.equal((await ask(url, accessWith(host, { caFile: certFile }))).body, 'private');
      await assert.rejects(ask(url), { message: `${host} cannot be asked: DEPTH_ZERO_SELF_SIGNED_CERT`, transient: false });
    });

    it('proves itself by a certificate of its own', async () => {
      const { url, host } = await aServer(() => ({ body: 'private' }), { cert, key, ca: cert });

      const known = await ask(url, accessWith(host, { caFile: certFile, certificate: { certFile, keyFile } }));

      assert.equal(known.body, 'private');
      await assert.rejects(ask(url, accessWith(host, { caFile: certFile })), { name: 'HttpFailure' });
    });

    it('waits for a Secret that is not mounted', async () => {
      const { url, host } = await aServer(() => ({ body: '' }));
      const bearerTokenFile = join(folder, 'missing');

      await assert.rejects(ask(url, accessWith(host, { plainHttp: true, bearerTokenFile })), {
        message: `the credentials for ${host} cannot be used: ${bearerTokenFile} cannot be read (ENOENT)`,
        transient: true,
      });
    });

    for (const [content, problem] of [
      ['\n', 'is empty'],
      ['a\nb', 'has a line break or another character that no header may have'],
    ] as const) {
      it(`does not send ${JSON.stringify(content)}`, async () => {
        const { url, host } = await aServer(() => ({ body: '' }));
        const bearerTokenFile = await aFile('token', content);

        await assert.rejects(ask(url, accessWith(host, { plainHttp: true, bearerTokenFile })), {
          message: `the credentials for ${host} cannot be used: ${bearerTokenFile} ${problem}`,
        });
      });
    }

    it('does not hand on what the other side repeats of them', async () => {
      const { url, host } = await aServer(({ headers }) => ({ status: 403, body: `not for ${headers.authorization}` }));

      const { body } = await ask(url, accessWith(host, { plainHttp: true, bearerTokenFile: await aFile('token', SECRET) }));

      assert.equal(body, 'not for Bearer ***');
    });

    it('has none of them in its errors', async () => {
      const { url, host } = await aServer(() => 'reset');
      const access = accessWith(host, { plainHttp: true, bearerTokenFile: await aFile('token', SECRET) });

      const error: unknown = await ask(url, access).catch((reason: unknown) => reason);

      assert.match(inspect(error, { depth: Infinity, showHidden: true }), /ECONNRESET/);
      assert.ok(!inspect(error, { depth: Infinity, showHidden: true }).includes(SECRET));
    });
  });

  describe('with the keys of a vendor', () => {
    const keys = { vendor: 'datadog', headers: { 'DD-API-KEY': SECRET } } as const;

    it('is refused to a host that is none of theirs', async () => {
      const { url, host, requests } = await aServer(() => ({ body: '' }));

      await assert.rejects(ask(url, OPEN_ACCESS, { keys }), {
        message: `the keys of datadog are sent to its own hosts and those that the installation names for them, and ${host} is none`,
        transient: false,
      });
      assert.deepEqual(requests, []);
    });

    it('is sent to one that the installation names for them', async () => {
      const { url, host, requests } = await aServer(() => ({ body: '' }));

      await ask(url, accessWith(host, { plainHttp: true, apiKeys: 'datadog' }), { keys });

      assert.equal(requests[0]?.headers['dd-api-key'], SECRET);
    });

    it('is refused to one that is named for another vendor', async () => {
      const { url, host } = await aServer(() => ({ body: '' }));

      await assert.rejects(ask(url, accessWith(host, { plainHttp: true, apiKeys: 'newrelic' }), { keys }), { message: /is none$/ });
    });
  });

  it('is refused to a host that the installation does not name', async () => {
    const { url, host, requests } = await aServer(() => ({ body: '' }));

    await assert.rejects(ask(url, { ...OPEN_ACCESS, hosts: ['prometheus.monitoring', '*.svc.cluster.local'] }), {
      message: `this installation does not let metrics ask ${host}; it allows prometheus.monitoring, *.svc.cluster.local`,
      transient: false,
    });
    assert.deepEqual(requests, []);
  });

  it('refuses more bytes than it was allowed', async () => {
    const { url, host } = await aServer(() => ({ body: 'x'.repeat(101) }));

    await assert.rejects(ask(url), { message: `${host} answered more than 100 bytes`, transient: false });
  });

  it('fails transiently when the connection is reset', async () => {
    const { url, host } = await aServer(() => 'reset');

    await assert.rejects(ask(url), { name: 'HttpFailure', message: `${host} cannot be asked: ECONNRESET`, transient: true });
  });

  it('fails transiently when the answer is cut', async () => {
    const { url } = await aServer(() => 'cut');

    await assert.rejects(ask(url), { name: 'HttpFailure', transient: true });
  });

  it('fails transiently when nobody listens', async () => {
    const { url, close } = await serve(() => 'reset');
    await close();

    await assert.rejects(ask(url), { name: 'HttpFailure', transient: true });
  });

  it('fails for good when the other side does not speak TLS', async () => {
    const { url } = await aServer(() => ({ body: '' }));

    await assert.rejects(ask(url.replace('http:', 'https:')), { name: 'HttpFailure', transient: false });
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error('deadline');
    const { url } = await aServer(() => {
      controller.abort(reason);
      return { body: '' };
    });

    await assert.rejects(httpAsk({ url: new URL(url), limit: 100 }, OPEN_ACCESS, controller.signal), reason);
  });
});
