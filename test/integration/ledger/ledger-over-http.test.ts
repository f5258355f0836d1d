import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LedgerOptions, OpenLedger } from '../../../runner/ledger/open-ledger.ts';
import { PreflightFailed, RecordFailed } from '../../../runner/model/errors.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { aRecord } from '../../support/builders.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';

const BRANCH = 'fieldtrial/results';

describe('a ledger over HTTP', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let server: GitHttpServer;
  let tokenFile: string;
  let events: RunEvent[];

  beforeEach(async () => {
    remote = await createRemote({ 'README.md': 'definitions\n' });
    server = await startGitHttpServer(dirname(remote.path), 'x-access-token:first-token');
    tokenFile = join(remote.scratch, 'token');
    await writeFile(tokenFile, 'first-token\n');
    events = [];
  });
  afterEach(async () => {
    await server.close();
    await remote.cleanup();
  });

  function open(options: Partial<LedgerOptions> = {}): Promise<OpenLedger> {
    const place = { url: `${server.url}/remote.git`, scratch: join(remote.scratch, 'work') };
    // Tries again at once.
    const clock = { now: () => new Date(), sleep: () => Promise.resolve() };
    return openTestLedger(place, { credentials: { type: 'token', tokenFile }, emit: (event) => events.push(event), clock, ...options });
  }

  it('pushes with the token', async () => {
    const ledger = await open();

    await ledger.begin(['sizing'], signal);
    await ledger.submit(aRecord());

    assert.deepEqual(await remote.log(BRANCH), ['sizing-001: completed without metrics', 'Begin run r1', `Create ${BRANCH}`]);
  });

  it('reads the token again at every call', async () => {
    const ledger = await open();
    await ledger.submit(aRecord({ number: 1 }));
    server.login = 'x-access-token:second-token';
    await writeFile(tokenFile, 'second-token\n');

    await ledger.submit(aRecord({ number: 2 }));

    assert.equal((await remote.log(BRANCH))[0], 'sizing-002: completed without metrics');
  });

  it('keeps records when the token has expired, and pushes them by a flush with a new one', async () => {
    const ledger = await open();
    await ledger.submit(aRecord({ number: 1 }));
    server.login = 'x-access-token:second-token';
    await assert.rejects(ledger.submit(aRecord({ number: 2 })), { name: 'RecordFailed', message: /refused the login, or needs one/ });
    await writeFile(tokenFile, 'second-token\n');

    await ledger.flush(signal);

    assert.equal((await remote.log(BRANCH))[0], 'sizing-002: completed without metrics');
  });

  it('leaves no trace of the token on the disk or in errors', async () => {
    const ledger = await open();
    await ledger.submit(aRecord({ number: 1 }));
    server.login = 'x-access-token:second-token';

    await assert.rejects(ledger.submit(aRecord({ number: 2 })), (error: Error) => {
      const told = [error, error.cause].map((part) => (part instanceof Error ? `${part.message}\n${part.stack}` : '')).join('\n');
      assert.doesNotMatch(told, /first-token|second-token|Basic/);
      return true;
    });
    const folder = join(remote.scratch, 'work');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const kept = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')));
    assert.doesNotMatch(kept.join('\n'), /first-token|eC1hY2Nlc3M/);
  });

  it('cannot be opened with a wrong token', async () => {
    await assert.rejects(open({ credentials: { type: 'token', token: 'no-such-token' } }), (error: Error) => {
      assert.ok(error instanceof PreflightFailed);
      assert.doesNotMatch(error.message, /no-such-token/);
      return true;
    });
  });

  describe('checkPush', () => {
    it('is content when the login may push, and pushes nothing', async () => {
      const ledger = await open();

      await ledger.checkPush(signal);

      await assert.rejects(remote.log(BRANCH));
    });

    it('is content when somebody pushed meanwhile', async () => {
      const ledger = await open();
      await (await open()).begin([], signal);

      await ledger.checkPush(signal);
    });

    it('fails the preflight when the login may only read', async () => {
      const ledger = await open();
      server.intercept = ({ path }) => (path.includes('git-receive-pack') ? 403 : undefined);

      await assert.rejects(ledger.checkPush(signal), {
        name: 'PreflightFailed',
        message: /^the git login may not do this in repository http:.*; grant it write access/,
      });
    });
  });

  describe('while the server does not answer', () => {
    it('tries again and tells', async () => {
      const ledger = await open();
      let failures = 2;
      server.intercept = ({ path }) => (path.includes('git-receive-pack') && failures-- > 0 ? 503 : undefined);

      await ledger.submit(aRecord());

      assert.deepEqual(
        events.map((event) => ('reason' in event ? event.reason : event.type)),
        ['Unreachable', 'Unreachable', 'records-pushed'],
      );
    });

    it('gives up when its time is over, and goes on with the next record', async () => {
      let time = 0;
      const clock = { now: () => new Date((time += 1_000)), sleep: () => Promise.resolve() };
      const ledger = await open({ clock, retryFor: 10_000 });
      server.intercept = ({ path }) => (path.includes('git-receive-pack') ? 503 : undefined);
      await assert.rejects(ledger.submit(aRecord({ number: 1 })), (error: Error) => {
        assert.ok(error instanceof RecordFailed);
        assert.match(error.message, /cannot be reached \(.*503.*\) for 10 s; the next run pushes again/);
        return true;
      });
      server.intercept = () => undefined;

      await ledger.submit(aRecord({ number: 2 }));

      assert.deepEqual(
        (await remote.log(BRANCH)).slice(0, 2).map((subject) => subject.slice(0, 10)),
        ['sizing-002', 'sizing-001'],
      );
    });

    it('doubles nothing when only the answer to a push was lost', async () => {
      const ledger = await open();
      let lost = false;
      server.loseAnswer = ({ method }) => method === 'POST' && !lost && (lost = true);

      await ledger.submit(aRecord());

      assert.ok(lost);
      assert.deepEqual(await remote.log(BRANCH), ['sizing-001: completed without metrics', `Create ${BRANCH}`]);
    });
  });
});
