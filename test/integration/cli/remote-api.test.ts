import assert from 'node:assert/strict';
import { remoteApi, type RemoteFlags } from '../../../runner/cli/remote-api.ts';
import type { CommandContext } from '../../../runner/cli/command-context.ts';
import { serve, type TestServer } from '../metrics/serve.ts';

const { signal } = new AbortController();
const output = { hide: () => undefined } as unknown as CommandContext['output'];

const open = (flags: RemoteFlags, environment: CommandContext['environment'] = {}) =>
  remoteApi(flags, { output, environment }, { version: '1.2.3', retryFor: 0 });

describe('the remote API that flags name', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await serve(() => ({ status: 204, body: '' }));
  });
  afterEach(() => server.close());

  // The ancestor's cases (R§24.15), and that its default is below the server.
  const places: [what: string, url: string, endpoint: string | undefined, path: string][] = [
    ['the default below a server without a path', '', undefined, '/v1/experiments/'],
    ['the default below a server with a slash', '/', undefined, '/v1/experiments/'],
    ['an endpoint without a slash below a path', '/optimize', 'v2/experiments', '/optimize/v2/experiments/'],
    ['an endpoint with slashes below a path with one', '/optimize/', 'v2/experiments//', '/optimize/v2/experiments/'],
    ['an endpoint from the root instead of the path', '/optimize', '/v2/experiments', '/v2/experiments/'],
  ];
  for (const [what, url, remoteEndpoint, path] of places) {
    it(`is asked at ${what}`, async () => {
      await open({ remoteUrl: `${server.url}${url}`, ...(remoteEndpoint !== undefined && { remoteEndpoint }) })!.check(signal);

      assert.deepEqual(
        server.requests.map((request) => request.path),
        [path],
      );
    });
  }

  it('is asked at an endpoint that is a URL of the same server, and nowhere else', async () => {
    await open({ remoteUrl: `${server.url}/a`, remoteEndpoint: `${server.url}/b/` })!.check(signal);

    assert.equal(server.requests[0]?.path, '/b/');
    assert.throws(() => open({ remoteUrl: server.url, remoteEndpoint: 'https://elsewhere.example.com/b' }), {
      name: 'UsageError',
      message: `--remote-endpoint https://elsewhere.example.com/b is not on ${server.url}`,
    });
  });

  it('is told who asks', async () => {
    await open({ remoteUrl: server.url }, { FIELDTRIAL_REMOTE_TOKEN: 'token' })!.check(signal);

    assert.match(server.requests[0]?.headers['user-agent'] ?? '', /^fieldtrial\/1\.2\.3 \(\w+\/\w+\)$/);
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer token');
  });

  it('is none without a server', () => {
    assert.equal(open({ remoteEndpoint: 'v2' }), undefined);
  });

  const wrong: [what: string, flags: RemoteFlags, environment: CommandContext['environment'], message: RegExp][] = [
    ['a server that is no URL', { remoteUrl: 'api.example.com' }, {}, /^--remote-url "api\.example\.com" is no http or https URL$/],
    ['a password in the URL', { remoteUrl: 'https://me:secret@api.example.com' }, {}, /^--remote-url has a user or a password in it/],
    [
      'a client without its secret',
      { remoteUrl: 'https://api.example.com', remoteClientId: 'runner' },
      {},
      /^--remote-client-id needs --remote-client-secret-file/,
    ],
    [
      'a secret without its client',
      { remoteUrl: 'https://api.example.com' },
      { FIELDTRIAL_REMOTE_CLIENT_SECRET: 'secret' },
      /^a client secret of the remote API needs --remote-client-id$/,
    ],
    [
      'a client beside a token',
      { remoteUrl: 'https://api.example.com', remoteClientId: 'runner', remoteTokenFile: '/token' },
      { FIELDTRIAL_REMOTE_CLIENT_SECRET: 'secret' },
      /exclude each other; give one of the two$/,
    ],
  ];
  for (const [what, flags, environment, message] of wrong) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => open(flags, environment),
        (error: Error) => {
          assert.equal(error.name, 'UsageError');
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret@|"secret"/);
          return true;
        },
      );
    });
  }
});
