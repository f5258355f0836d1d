import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { checkoutDefinitions } from '../../../runner/ledger/checkout.ts';
import { untilReachable } from '../../../runner/ledger/until-reachable.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';

describe('a repository that cannot be reached when a run begins', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let server: GitHttpServer;
  let events: RunEvent[];

  beforeEach(async () => {
    remote = await createRemote({ 'experiments/a/experiment.yaml': 'kind: Experiment\n' });
    server = await startGitHttpServer(dirname(remote.path));
    events = [];
  });
  afterEach(async () => {
    await server.close();
    await remote.cleanup();
  });

  function open() {
    let time = 0;
    const clock = { now: () => new Date(time), sleep: async (milliseconds: number) => void (time += milliseconds) };
    const options = { repository: `${server.url}/remote.git`, workdir: remote.scratch, environment: GIT_ENVIRONMENT, signal };
    const emit = (event: RunEvent) => void events.push(event);
    return untilReachable(() => checkoutDefinitions(options), { clock, emit, retryFor: 30_000 }, signal);
  }

  it('is asked again, which is told once', async () => {
    let failures = 3;
    server.intercept = () => (failures-- > 0 ? 503 : undefined);

    const { branch } = await open();

    assert.equal(branch, 'main');
    assert.equal(events.length, 1);
    assert.match(
      events[0]!.type === 'notice' ? events[0].message : '',
      /^repository http:.* cannot be reached \(.*503\); it is tried again for 30 s$/,
    );
  });

  it('is given up in time, with what stood in the way', async () => {
    server.intercept = () => 503;

    await assert.rejects(open(), { name: 'PreflightFailed', message: /cannot be reached \(.*503\)$/ });
    assert.ok(server.requests.length < 20, `${server.requests.length} requests`);
  });

  it('is not asked again when only a person can help', async () => {
    server.login = 'ada:secret';

    await assert.rejects(open(), { name: 'PreflightFailed', message: /refused the login/ });
    assert.deepEqual(events, []);
  });
});
