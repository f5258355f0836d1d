import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ApiCredentials } from '../../../runner/remote/api-tokens.ts';
import type { ExperimentsApi } from '../../../runner/remote/experiments-api.ts';
import type { AssignmentPayload, ExperimentPayload } from '../../../runner/remote/payloads.ts';
import type { RemoteError } from '../../../runner/remote/remote-error.ts';
import { openTestApi } from '../../support/experiments-api/open-test-api.ts';
import {
  startExperimentsServer,
  type ExperimentsServer,
  type ServerOptions,
} from '../../support/experiments-api/start-experiments-server.ts';
import { serve, type TestServer } from '../metrics/serve.ts';

const signal = new AbortController().signal;
const CLIENT = { id: 'runner', secret: 'client-secret' };

const EXPERIMENT: ExperimentPayload = {
  labels: { application: 'shop', scenario: 'checkout' },
  optimization: [{ name: 'experimentBudget', value: '20' }],
  parameters: [
    { name: 'cpu', type: 'int', bounds: { min: 2000, max: 4000 } },
    { name: 'memory', type: 'int', bounds: { min: 2048, max: 4096 } },
  ],
  metrics: [
    { name: 'cost', minimize: true, optimize: true },
    { name: 'duration', minimize: true, optimize: true },
  ],
};
const BASELINE = [
  { parameterName: 'cpu', value: 4000 },
  { parameterName: 'memory', value: 4096 },
];

describe('the client of the Experiments API', () => {
  let server: ExperimentsServer;

  async function aServer(options?: ServerOptions): Promise<ExperimentsApi> {
    server = await startExperimentsServer(options);
    return openTestApi(server.url);
  }
  afterEach(() => server.close());

  const credentials = (): ApiCredentials => ({
    type: 'client',
    id: CLIENT.id,
    secret: { text: CLIENT.secret },
    issuer: server.url,
    audience: 'https://api.example.com/',
  });

  const trialsOf = (name = 'sizing') => server.state.experiments.get(name)?.trials ?? [];

  /** An experiment on the server, and its links. */
  async function created(api: ExperimentsApi): Promise<{ url: string; trials: string; next: string }> {
    const { url, links } = await api.create('sizing', EXPERIMENT, signal);
    return { url, trials: links.get('trials')!, next: links.get('next-trial')! };
  }

  it('passes the script of the contract: the baseline first, then everything until 410', async () => {
    const api = await aServer();
    const valueOf = (assignments: AssignmentPayload[], name: string) =>
      Number(assignments.find((each) => each.parameterName === name)?.value);

    const { url, links } = await api.create('sizing', EXPERIMENT, signal);
    await api.suggest(links.get('trials')!, { assignments: BASELINE, labels: { baseline: 'true' } }, signal);
    const first = await api.next(links.get('next-trial')!, signal);
    await api.report(
      first.url,
      {
        values: [
          { metricName: 'cost', value: 1 },
          { metricName: 'duration', value: 1 },
        ],
      },
      signal,
    );
    let trials = 1;
    const end = await (async () => {
      for (;;) {
        const { url: trial, assignments } = await api.next(links.get('next-trial')!, signal);
        trials += 1;
        const [cpu, memory] = [valueOf(assignments, 'cpu'), valueOf(assignments, 'memory')];
        const report =
          memory < 2200
            ? { failed: true as const, failureReason: 'MetricBound', failureMessage: 'memory' }
            : {
                values: [
                  { metricName: 'cost', value: cpu * 17 + memory * 3 },
                  { metricName: 'duration', value: 1e6 / cpu },
                ],
              };
        await api.report(trial, report, signal);
      }
    })().catch((error: RemoteError) => error);
    await api.remove(url, signal);

    assert.deepEqual(first.assignments, BASELINE);
    assert.deepEqual(first.labels, { baseline: 'true' });
    assert.equal(trials, 20);
    assert.deepEqual([end.status, end.reason], [410, 'experiment-stopped']);
    assert.match(end.message, /experiment budget is exhausted$/);
    assert.equal(server.state.experiments.size, 0);
  });

  it('reads links relative and absolute, quoted and not, and the name from the own one', async () => {
    const api = await aServer();

    const { url, name, title, links } = await api.create('sizing', EXPERIMENT, signal);

    assert.equal(url, `${server.url}v1/experiments/sizing`);
    assert.deepEqual([name, title], ['sizing', 'sizing']);
    assert.equal(links.get('trials'), `${url}/trials`);
    assert.equal(links.get('next-trial'), `${url}/next-trial`);
    assert.equal(links.get('labels'), `${url}/labels`);
  });

  it('lists experiments, gets one by name or URL, and labels it and its trials', async () => {
    const api = await aServer();
    const { url, trials } = await created(api);
    await api.suggest(trials, { assignments: BASELINE }, signal);

    const [listed] = await api.list({ labels: { scenario: 'checkout', application: 'shop' } }, signal);
    const [trial] = await api.trials(trials, {}, signal);
    await api.label(listed!.links.get('labels')!, { team: 'a' }, signal);
    await api.label(trial!.links.get('labels')!, { best: 'true' }, signal);

    const got = await Promise.all([api.get('sizing', signal), api.get(url, signal)]);
    assert.equal(listed?.name, 'sizing');
    assert.deepEqual(
      got.map(({ experiment }) => experiment.labels?.['team']),
      ['a', 'a'],
    );
    assert.deepEqual(trialsOf()[0]?.labels, { best: 'true' });
  });

  it('has nothing of its secrets in what it is told, though the server repeats them', async () => {
    await aServer({ client: CLIENT });
    const api = openTestApi(server.url, { credentials: credentials() });
    const { next, trials } = await created(api);
    const token = 'token-1-for-https://api.example.com/';
    await api.suggest(trials, { assignments: BASELINE, labels: { token } }, signal);
    server.fault('POST /v1/experiments/sizing/next-trial', { effect: 'refuse', status: 410, error: `no more for ${token}` });

    const end = await api.next(next, signal).catch((error: RemoteError) => error);
    const { labels } = (await api.next(next, signal)) ?? {};
    server.revoke();
    server.fault('POST /oauth/token', { effect: 'refuse', status: 401, error: `${CLIENT.secret} is unknown` });
    const refusal = await api.check(signal).catch((error: RemoteError) => error);

    assert.match((end as RemoteError).message, /next-trial: no more for \*\*\*$/);
    assert.deepEqual(labels, { token: '***' });
    assert.match((refusal as RemoteError).message, /token: \*\*\* is unknown$/);
  });

  it('keeps no request with its headers in an error', async () => {
    await aServer({ client: CLIENT });
    const api = openTestApi(server.url, { credentials: credentials(), retryFor: 0 });
    await api.check(signal);
    server.fault('HEAD /v1/experiments/', { effect: 'drop' });

    const error = await api.check(signal).catch((caught: RemoteError) => caught);

    assert.match((error as RemoteError).message, /cannot be asked: ECONNRESET$/);
    assert.doesNotMatch(inspect(error, { depth: Infinity }), /token-1-for/);
  });

  it('reads every page of a list of trials', async () => {
    const api = await aServer();
    const { trials } = await created(api);
    for (let count = 0; count < 12; count += 1) await api.suggest(trials, { assignments: BASELINE }, signal);

    const staged = await api.trials(trials, { status: ['staged', 'active'] }, signal);

    assert.deepEqual(
      staged.map(({ number }) => number),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    );
    assert.deepEqual(staged[11]?.assignments, BASELINE);
    assert.equal(staged[11]?.url, `${trials}/12`);
  });

  const refusals: [
    what: string,
    reason: string,
    status: number,
    ask: (api: ExperimentsApi, links: { url: string; trials: string; next: string }) => Promise<unknown>,
    says: RegExp,
  ][] = [
    ['an experiment that is not there', 'experiment-not-found', 404, (api) => api.get('other', signal), /experiment not found$/],
    [
      'a name that is none',
      'experiment-name-invalid',
      400,
      (api) => api.create('No Name', EXPERIMENT, signal),
      /invalid experiment name: No Name$/,
    ],
    [
      'a name that is taken',
      'experiment-name-conflict',
      409,
      (api) => api.create('sizing', { ...EXPERIMENT, parameters: EXPERIMENT.parameters.slice(1) }, signal),
      /the name is taken$/,
    ],
    [
      'an experiment without parameters',
      'experiment-invalid',
      422,
      (api) => api.create('empty', { ...EXPERIMENT, parameters: [] }, signal),
      /needs parameters$/,
    ],
    [
      'a suggestion that lacks a value',
      'trial-invalid',
      422,
      (api, { trials }) => api.suggest(trials, { assignments: BASELINE.slice(1) }, signal),
      /no assignment for cpu$/,
    ],
    [
      'a report of a trial that is not there',
      'trial-not-found',
      404,
      (api, { trials }) => api.report(`${trials}/9`, {}, signal),
      /trial not found$/,
    ],
    [
      'a second report',
      'trial-already-reported',
      409,
      async (api, { next }) => {
        const { url } = await api.next(next, signal);
        await api.report(url, {}, signal);
        await api.report(url, {}, signal);
      },
      /reported already$/,
    ],
  ];
  for (const [what, reason, status, ask, says] of refusals) {
    it(`tells of ${what}: ${reason}`, async () => {
      const api = await aServer();
      const links = await created(api);

      await assert.rejects(ask(api, links), (error: RemoteError) => {
        assert.deepEqual([error.name, error.reason, error.status], ['RemoteError', reason, status]);
        assert.match(error.message, says);
        return true;
      });
    });
  }

  it('tells how long to wait where there is no trial now', async () => {
    const api = await aServer({ parallelTrials: 0 });
    const { next } = await created(api);

    await assert.rejects(api.next(next, signal), { reason: 'trial-unavailable', status: 503, retryAfter: 5_000, uncertain: false });
  });

  it('takes no HTTP date for a number of seconds', async () => {
    const api = await aServer();
    const { next } = await created(api);
    server.fault('POST /v1/experiments/sizing/next-trial', { effect: 'refuse', status: 503, retryAfter: 'Tue, 24 Nov 2026 11:00:00 GMT' });

    await assert.rejects(api.next(next, signal), { reason: 'trial-unavailable', retryAfter: 0 });
  });

  it('abandons a trial', async () => {
    const api = await aServer();
    const { next } = await created(api);
    const { url } = await api.next(next, signal);

    await api.abandon(url, signal);

    assert.deepEqual(
      trialsOf().map(({ status }) => status),
      ['abandoned'],
    );
  });

  describe('when the network or the server fails', () => {
    for (const fault of [
      { effect: 'cut', at: 'answer' },
      { effect: 'cut', at: 'body' },
      { effect: 'drop' },
      { effect: 'refuse', status: 502 },
      { effect: 'refuse', status: 500 },
    ] as const) {
      const what =
        fault.effect === 'cut'
          ? `the ${fault.at} is cut off`
          : fault.effect === 'drop'
            ? 'the connection breaks'
            : `it answers ${fault.status}`;

      it(`reports again after ${what}, and the first one counts`, async () => {
        const api = await aServer();
        const { next } = await created(api);
        const { url } = await api.next(next, signal);
        server.fault('POST /v1/experiments/sizing/trials/1', fault);

        const report = api.report(url, { values: [{ metricName: 'cost', value: 1 }] }, signal);

        // The server may have taken it before its answer was lost.
        await report.catch((error: RemoteError) => assert.equal(error.reason, 'trial-already-reported'));
        assert.equal(trialsOf()[0]?.status, 'completed');
        assert.deepEqual(trialsOf()[0]?.reports[0], { values: [{ metricName: 'cost', value: 1 }] });
      });

      it(`asks for no second trial after ${what}, since the first may be handed out`, async () => {
        const api = await aServer();
        const { next } = await created(api);
        server.fault('POST /v1/experiments/sizing/next-trial', fault);

        await assert.rejects(api.next(next, signal), { name: 'RemoteError', uncertain: true });

        assert.equal(server.requests.filter((each) => each.endsWith('/next-trial')).length, 1);
      });
    }

    it('asks again for a trial while nobody listens', async () => {
      const api = await aServer();
      const { next } = await created(api);
      const { port } = new URL(server.url);
      await server.close();

      const asked = api.next(next, signal);
      server = await startExperimentsServer({ state: server.state, port: Number(port) });

      assert.equal((await asked).url, `${server.url}v1/experiments/sizing/trials/1`);
    });

    it('waits as long as a throttling server says', async () => {
      const api = await aServer();
      server.fault('PUT', { effect: 'refuse', status: 429, retryAfter: '1' });

      await created(api);

      assert.equal(server.requests.length, 2);
    });

    it('gives up within its limit, and says what was missing', async () => {
      await aServer();
      server.fault('HEAD', { effect: 'drop' }, Infinity);
      const api = openTestApi(server.url, { retryFor: 200 });

      await assert.rejects(api.check(signal), {
        reason: 'unreachable',
        message: `HEAD ${server.url}v1/experiments/ cannot be asked: ECONNRESET`,
      });
    });

    it("ends with the signal's reason", async () => {
      const ending = new AbortController();
      const api = await aServer();
      server.fault('HEAD', { effect: 'drop' }, Infinity);
      const checking = api.check(ending.signal);

      ending.abort(new Error('SIGTERM'));

      await assert.rejects(checking, /SIGTERM/);
    });

    it('gives a silent server its time and no more', async () => {
      await aServer();
      const silent = openTestApi('http://127.0.0.1:9/', { timeout: 50, retryFor: 0 });

      await assert.rejects(silent.check(signal), { reason: 'unreachable' });
    });
  });

  describe('with credentials', () => {
    it('gets a token for the audience, and uses it again', async () => {
      await aServer({ client: CLIENT });
      const api = openTestApi(server.url, { credentials: credentials() });

      const { trials } = await created(api);
      await api.trials(trials, {}, signal);

      assert.deepEqual(server.requests, ['POST /oauth/token', 'PUT /v1/experiments/sizing', 'GET /v1/experiments/sizing/trials']);
      assert.equal(server.headers[2]?.authorization, 'Bearer token-1-for-https://api.example.com/');
      assert.equal(server.headers[2]?.['user-agent'], 'fieldtrial/0.0.0-test');
    });

    it('renews a token that was revoked, once, also for a request that must not be doubled', async () => {
      await aServer({ client: CLIENT });
      const api = openTestApi(server.url, { credentials: credentials() });
      const { next } = await created(api);
      server.revoke();

      const { url } = await api.next(next, signal);

      assert.match(url, /trials\/1$/);
      assert.equal(server.requests.filter((each) => each === 'POST /oauth/token').length, 2);
      assert.equal(trialsOf().length, 1);
    });

    it('gives up when the new token is refused as well', async () => {
      await aServer({ client: CLIENT });
      const api = openTestApi(server.url, { credentials: { type: 'token', token: { text: 'wrong' } } });

      await assert.rejects(api.get('sizing', signal), { reason: 'unauthorized', status: 401 });
      assert.equal(server.requests.length, 2);
    });

    it('reads a token from its file at every request, so that it may be replaced', async () => {
      await aServer();
      const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-token-'));
      const file = join(folder, 'token');
      await writeFile(file, 'first-token\n');
      const api = openTestApi(server.url, { credentials: { type: 'token', token: { file } } });

      await api.check(signal);
      await writeFile(file, 'second-token\n');
      await api.check(signal);

      assert.deepEqual(
        server.headers.map(({ authorization }) => authorization),
        ['Bearer first-token', 'Bearer second-token'],
      );
      await rm(folder, { recursive: true });
    });

    it('says which file of a token cannot be read', async () => {
      await aServer();
      const api = openTestApi(server.url, { credentials: { type: 'token', token: { file: '/nowhere/token' } } });

      await assert.rejects(api.check(signal), {
        reason: 'unauthorized',
        message: "the file /nowhere/token of the remote API's credentials cannot be read: ENOENT",
      });
    });

    it('says that the client is unknown', async () => {
      await aServer({ client: CLIENT });
      const api = openTestApi(server.url, { credentials: { ...credentials(), id: 'stranger' } as ApiCredentials });

      await assert.rejects(api.check(signal), { reason: 'unauthorized', message: `POST ${server.url}oauth/token: invalid_client` });
    });

    it('asks for one token, whoever needs it at the same time', async () => {
      await aServer({ client: CLIENT });
      const api = openTestApi(server.url, { credentials: credentials() });

      await Promise.all([api.check(signal), api.check(signal), api.check(signal)]);

      assert.equal(server.requests.filter((each) => each === 'POST /oauth/token').length, 1);
    });

    it('hides the secret and the token', async () => {
      await aServer({ client: CLIENT });
      const hidden: string[] = [];
      const api = openTestApi(server.url, { credentials: credentials(), hide: (secrets) => hidden.push(...secrets) });

      await api.check(signal);

      assert.deepEqual(hidden, ['client-secret', 'token-1-for-https://api.example.com/']);
    });

    it('is sent to no other host, wherever a link leads', async () => {
      await aServer({ client: CLIENT });
      const other = await startExperimentsServer();
      const api = openTestApi(server.url, { credentials: credentials() });

      await assert.rejects(
        api.report(`${other.url}v1/experiments/sizing/trials/1`, {}, signal),
        /is not on http.*, which is the remote API of this installation/,
      );

      assert.deepEqual(other.requests, []);
      await other.close();
    });
  });
});

describe('an answer of the Experiments API that is a failure', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };
  const TEXT = { 'Content-Type': 'text/plain' };
  // R§22.2, R§24.15.
  const cases: [what: string, answer: { status: number; headers: Record<string, string>; body: unknown }, reason: string, says: RegExp][] =
    [
      [
        "JSON with the server's words",
        { status: 422, headers: JSON_TYPE, body: { error: 'no bounds' } },
        'experiment-invalid',
        /: no bounds$/,
      ],
      ['JSON without words', { status: 422, headers: JSON_TYPE, body: { error: '' } }, 'experiment-invalid', /: experiment invalid$/],
      ['404 without words', { status: 404, headers: TEXT, body: '' }, 'unexpected', /\/v1\/experiments\/sizing: not found$/],
      ['401 without words', { status: 401, headers: TEXT, body: '' }, 'unauthorized', /: unauthorized$/],
      ['402 without words', { status: 402, headers: TEXT, body: '' }, 'unauthorized', /: account is not activated$/],
      ["a gateway's own text", { status: 403, headers: TEXT, body: 'no Bearer token' }, 'unauthorized', /: unauthorized$/],
      [
        'a status that the contract does not know',
        { status: 418, headers: TEXT, body: '' },
        'unexpected',
        /: unexpected server response \(418 I'm a Teapot\)$/,
      ],
    ];
  for (const [what, answer, reason, says] of cases) {
    it(`is told: ${what}`, async () => {
      server = await serve(() => answer);

      await assert.rejects(openTestApi(server.url).create('sizing', EXPERIMENT, signal), (error: RemoteError) => {
        assert.deepEqual([error.reason, error.status], [reason, answer.status]);
        assert.match(error.message, says);
        return true;
      });
      assert.equal(server.requests.length, 1);
    });
  }
});
