import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { LedgerOptions, OpenLedger } from '../../../runner/ledger/open-ledger.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { aRecord } from '../../support/builders.ts';
import { openCuttingLine } from '../../support/cutting-line.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';

const BRANCH = 'fieldtrial/results';
const CERTIFICATE = join(PROJECT, 'test/fixtures/tls/certificate.pem');

describe('a ledger on a git server', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let server: GitHttpServer;
  let events: RunEvent[];

  beforeEach(async () => {
    remote = await createRemote({ 'README.md': 'definitions\n' });
    events = [];
  });
  afterEach(async () => {
    await server.close();
    await remote.cleanup();
  });

  async function serve(login?: string, tls?: { key: Buffer; cert: Buffer }): Promise<void> {
    server = await startGitHttpServer(dirname(remote.path), login, tls && { tls });
  }

  function open(options: Partial<LedgerOptions> = {}): Promise<OpenLedger> {
    const place = { url: `${server.url}/remote.git`, scratch: join(remote.scratch, 'work') };
    // Tries again at once.
    const clock = { now: () => new Date(), sleep: () => Promise.resolve() };
    return openTestLedger(place, { emit: (event) => events.push(event), clock, ...options });
  }

  it('that wants bearer tokens sends the one of the file, read again at every call', async () => {
    await serve('Bearer first-token');
    const tokenFile = join(remote.scratch, 'token');
    await writeFile(tokenFile, 'first-token\n');
    const ledger = await open({ credentials: { type: 'token', auth: 'bearer', tokenFile } });
    await ledger.submit(aRecord({ number: 1 }));
    server.login = 'Bearer second-token';
    await writeFile(tokenFile, 'second-token\n');

    await ledger.submit(aRecord({ number: 2 }));

    assert.equal((await remote.log(BRANCH))[0], 'sizing-002: completed without metrics');
  });

  describe('with a certificate of an authority of its own', () => {
    beforeEach(async () => {
      const [key, cert] = await Promise.all([readFile(join(dirname(CERTIFICATE), 'key.pem')), readFile(CERTIFICATE)]);
      await serve(undefined, { key, cert });
    });

    it('refuses it in one sentence that says what to do', async () => {
      await assert.rejects(open(), {
        name: 'PreflightFailed',
        message:
          /^the certificate of https:.* is not vouched for by an authority that git knows; give the one that issued it with --git-ca-file/,
      });
    });

    it('pushes when the authority is given', async () => {
      const ledger = await open({ caFile: CERTIFICATE });

      await ledger.submit(aRecord());

      assert.equal((await remote.log(BRANCH))[0], 'sizing-001: completed without metrics');
    });
  });

  describe('behind a proxy', () => {
    let proxy: Server;
    let asked: string[];
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;

    beforeEach(async () => {
      await serve();
      asked = [];
      proxy = createServer((request, response) => {
        if (request.headers['proxy-authorization'] !== basic)
          return void response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
        asked.push(String(request.url));
        const { hostname, port, pathname, search } = new URL(request.url ?? '');
        const onward = forward({ hostname, port, path: pathname + search, method: request.method, headers: request.headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        request.pipe(onward);
      });
      await once(proxy.listen(0, '127.0.0.1'), 'listening');
    });
    afterEach(async () => {
      proxy.closeAllConnections();
      await once(proxy.close(), 'close');
    });

    it('goes through the one that the environment names', async () => {
      const { port } = proxy.address() as AddressInfo;
      const ledger = await open({ environment: { ...GIT_ENVIRONMENT, http_proxy: `http://me:secret@127.0.0.1:${port}` } });

      await ledger.submit(aRecord());

      assert.equal((await remote.log(BRANCH))[0], 'sizing-001: completed without metrics');
      assert.ok(asked.includes(`${server.url}/remote.git/git-receive-pack`), asked.join('\n'));
    });
  });

  it('whose line is cut in the middle of a push has every record once in the end', async () => {
    await serve();
    const line = await openCuttingLine(Number(new URL(server.url).port), { after: 2_500, times: 3 });
    const ledger = await open({ repository: `http://127.0.0.1:${line.port}/remote.git` });
    await ledger.begin([], signal);
    const records = Array.from({ length: 20 }, (_, number) => aRecord({ number: number + 1 }));

    await Promise.all(records.map((record) => ledger.submit(record)));
    await line.close();

    assert.equal(line.cuts(), 3);
    assert.ok(events.some((event) => event.type === 'push-retried' && event.reason === 'Unreachable'));
    const subjects = await remote.log(BRANCH);
    assert.equal(subjects.filter((subject) => subject.includes('completed')).length, 20);
  });

  it('whose line is cut in the middle of a fetch between two pushes loses and doubles nothing', async () => {
    await serve();
    const line = await openCuttingLine(Number(new URL(server.url).port), { after: 30_000, times: 2, end: 'server' });
    const ledger = await open({ repository: `http://127.0.0.1:${line.port}/remote.git` });
    await ledger.submit(aRecord({ number: 1 }));
    await remote.commit({ large: randomBytes(60_000).toString('base64') }, 'Add something large', BRANCH);

    await ledger.submit(aRecord({ number: 2 }));
    await line.close();

    assert.equal(line.cuts(), 2);
    const subjects = (await remote.log(BRANCH)).map((subject) => subject.slice(0, 10));
    assert.deepEqual(subjects.slice(0, 3), ['sizing-002', 'Add someth', 'sizing-001']);
  });
});
