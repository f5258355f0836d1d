import assert from 'node:assert/strict';
import { httpGet } from '../../../runner/metrics/http-get.ts';
import { serve, type Request, type Response, type TestServer } from './serve.ts';

describe('an HTTP request for a metric', () => {
  const signal = new AbortController().signal;
  const servers: TestServer[] = [];

  async function aServer(respond: (request: Request) => Response): Promise<TestServer> {
    const server = await serve(respond);
    servers.push(server);
    return server;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('brings status and body, whatever they are', async () => {
    const { url } = await aServer(() => ({ status: 418, body: 'not JSON' }));

    assert.deepEqual(await httpGet(new URL(url), { limit: 100 }, signal), { status: 418, body: 'not JSON' });
  });

  it('does not follow a redirect to another host', async () => {
    const other = await aServer(() => ({ body: 'secret' }));
    const { url } = await aServer(() => ({
      status: 302,
      headers: { Location: `${other.url}/login?token=1` },
      body: '',
    }));

    await assert.rejects(httpGet(new URL(url), { limit: 100 }, signal), {
      name: 'HttpFailure',
      message: `${new URL(url).host} redirects to ${other.url}, which is not followed; give the final URL`,
      transient: false,
    });
    assert.deepEqual(other.requests, []);
  });

  it('refuses more bytes than it was allowed', async () => {
    const { url } = await aServer(() => ({ body: 'x'.repeat(101) }));

    await assert.rejects(httpGet(new URL(url), { limit: 100 }, signal), {
      message: `${new URL(url).host} answered more than 100 bytes`,
      transient: false,
    });
  });

  it('fails transiently when the connection is reset', async () => {
    const { url } = await aServer(() => 'reset');

    await assert.rejects(httpGet(new URL(url), { limit: 100 }, signal), {
      name: 'HttpFailure',
      message: `${new URL(url).host} cannot be asked: ECONNRESET`,
      transient: true,
    });
  });

  it('fails transiently when nobody listens', async () => {
    const { url, close } = await serve(() => 'reset');
    await close();

    await assert.rejects(httpGet(new URL(url), { limit: 100 }, signal), { name: 'HttpFailure', transient: true });
  });

  it('fails for good when the other side does not speak TLS', async () => {
    const { url } = await aServer(() => ({ body: '' }));

    await assert.rejects(httpGet(new URL(url.replace('http:', 'https:')), { limit: 100 }, signal), {
      name: 'HttpFailure',
      transient: false,
    });
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error('deadline');
    const { url } = await aServer(() => {
      controller.abort(reason);
      return { body: '' };
    });

    await assert.rejects(httpGet(new URL(url), { limit: 100 }, controller.signal), reason);
  });
});
