import assert from 'node:assert/strict';
import type { RemoteLink } from '../../../runner/model/remote.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import type { ExperimentsApi } from '../../../runner/remote/experiments-api.ts';
import { remoteDefinition, remoteDigest } from '../../../runner/remote/remote-definition.ts';
import { RemoteError } from '../../../runner/remote/remote-error.ts';
import { finishedFor, remoteSource, type RemoteHistory, type RemoteSource } from '../../../runner/remote/remote-source.ts';
import { anExperiment, anInteger, aMetric, aRecord } from '../../support/builders.ts';
import { experimentsState, type ExperimentsState } from '../../support/experiments-api/experiments-state.ts';
import { memoryApi } from '../../support/experiments-api/memory-api.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';

const NEVER = new AbortController().signal;
const NOTHING: RemoteHistory = { records: [], pending: [], isWaitedFor: false };
const BASE = 'https://api.test/v1/experiments/sizing';

const theExperiment = (fields: Partial<Experiment> = {}) =>
  anExperiment({ suggest: { source: 'remote' }, parameters: [anInteger('cpu', { baseline: 4 })], metrics: [aMetric('p95')], ...fields });

describe('suggestions of a remote API', () => {
  let server: ExperimentsState;
  let clock: ManualClock;
  let link: RemoteLink | undefined;
  let events: RunEvent[];
  let asked: string[];
  let reportFailure: RemoteError | undefined;

  beforeEach(() => {
    server = experimentsState();
    clock = manualClock();
    link = undefined;
    events = [];
    asked = [];
    reportFailure = undefined;
  });

  function aSource(experiment = theExperiment(), overrides: Partial<ExperimentsApi> = {}): RemoteSource {
    const api = { ...memoryApi(server), ...overrides };
    const noted = Object.fromEntries(
      Object.entries({ ...api, covers: undefined }).map(([name, ask]) => [
        name,
        (...parameters: any[]) => (asked.push(name), (ask as any)(...parameters)),
      ]),
    ) as unknown as ExperimentsApi;
    noted.covers = api.covers;
    return remoteSource(
      { experiment, digest: 'digest' },
      {
        api: noted,
        reports: { deliver: async () => reportFailure, owes: () => false },
        link: { current: () => link, change: (changed) => void (link = changed) },
        clock,
        emit: (event) => events.push(event),
        patience: 60_000,
      },
    );
  }

  const refuse = (reason: RemoteError['reason'], status: number, retryAfter = 0) => ({
    next: () => Promise.reject(new RemoteError(reason, `the server says ${status}`, { status, retryAfter })),
  });
  const trials = () => server.experiments.get('sizing')?.trials ?? [];
  const messages = () => events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

  it('begin with the experiment and its baseline, and keep where it is', async () => {
    const first = await aSource().next(NOTHING, NEVER);

    assert.deepEqual(first, { status: 'Trial', url: `${BASE}/trials/1`, assignments: [{ name: 'cpu', value: 4 }] });
    assert.deepEqual(asked, ['create', 'trials', 'trials', 'suggest', 'next']);
    assert.deepEqual(trials()[0]?.labels, { baseline: 'true' });
    assert.deepEqual(link, {
      url: BASE,
      trialsUrl: `${BASE}/trials`,
      nextTrialUrl: `${BASE}/next-trial`,
      definition: remoteDigest(theExperiment()),
    });
  });

  it('are asked for with one request each from then on', async () => {
    const source = aSource();
    await source.next(NOTHING, NEVER);
    asked = [];

    await source.next(NOTHING, NEVER);

    assert.deepEqual(asked, ['next']);
  });

  it('go on in the next run without sending the experiment again', async () => {
    await aSource().next(NOTHING, NEVER);
    const records = [aRecord({ assignments: { cpu: 4 }, source: { type: 'remote', url: `${BASE}/trials/1` } })];
    asked = [];

    await aSource().next({ ...NOTHING, records }, NEVER);

    assert.deepEqual(asked, ['get', 'trials', 'abandon', 'next']);
  });

  it('come after the experiment was sent again when it changed, or when it is gone there', async () => {
    await aSource().next(NOTHING, NEVER);
    asked = [];
    await aSource(theExperiment({ parameters: [anInteger('cpu', { max: 50, baseline: 4 })] })).next(NOTHING, NEVER);
    const afterChange = asked.slice(0, 1);
    server.experiments.clear();
    asked = [];
    await aSource(theExperiment({ parameters: [anInteger('cpu', { max: 50, baseline: 4 })] })).next(NOTHING, NEVER);

    assert.deepEqual([afterChange, asked.slice(0, 2)], [['create'], ['get', 'create']]);
  });

  it('come from the API that the installation names now, whatever it named before', async () => {
    const elsewhere = 'https://old.test/v1/experiments/sizing';
    link = {
      url: elsewhere,
      trialsUrl: `${elsewhere}/trials`,
      nextTrialUrl: `${elsewhere}/next`,
      definition: remoteDigest(theExperiment()),
    };

    const answer = await aSource().next(NOTHING, NEVER);

    assert.equal(answer.status, 'Trial');
    assert.equal(asked[0], 'create');
    assert.equal(link?.url, BASE);
  });

  it('come from no other experiment of that name', async () => {
    server.put('sizing', { ...remoteDefinition(theExperiment()), metrics: [{ name: 'other', minimize: true, optimize: true }] });
    link = { url: BASE, trialsUrl: `${BASE}/trials`, nextTrialUrl: `${BASE}/next-trial`, definition: remoteDigest(theExperiment()) };

    const answer = await aSource().next(NOTHING, NEVER);

    assert.deepEqual(answer, {
      status: 'Refused',
      message: `${BASE} is another experiment: its metrics are other, and not p95; delete it there or give "sizing" another name`,
    });
  });

  // R§24.6: other parameters there do no harm, and a constant is not sent.
  const definitions: [what: string, there: string[], status: string][] = [
    ['with the parameters of ours', ['cpu', 'memory'], 'Trial'],
    ['without our constant', ['cpu'], 'Trial'],
    ['with more parameters than ours', ['cpu', 'memory', 'other'], 'Trial'],
    ['without a parameter that varies here', ['memory'], 'Refused'],
  ];
  for (const [what, there, status] of definitions) {
    it(`${status === 'Trial' ? 'come' : 'do not come'} from an experiment ${what}`, async () => {
      const experiment = theExperiment({ parameters: [anInteger('cpu'), anInteger('memory', { min: 1, max: 1 })] });
      const bounds = { min: 0, max: 1 };
      server.put('sizing', { ...remoteDefinition(experiment), parameters: there.map((name) => ({ name, type: 'int', bounds })) });
      link = { url: BASE, trialsUrl: `${BASE}/trials`, nextTrialUrl: `${BASE}/next-trial`, definition: remoteDigest(experiment) };

      const answer = await aSource(experiment).next(NOTHING, NEVER);

      assert.equal(answer.status, status);
      if (answer.status === 'Refused') assert.match(answer.message, /it lacks the parameters cpu; delete it there/);
    });
  }

  it('come without a baseline that the API does not take, with a warning', async () => {
    const rejects = () => Promise.reject(new RemoteError('trial-invalid', 'no baselines here', { status: 422 }));

    const answer = await aSource(theExperiment(), { suggest: rejects }).next(NOTHING, NEVER);

    assert.equal(answer.status, 'Trial');
    assert.deepEqual(messages(), ['the baseline is not suggested: no baselines here']);
  });

  it('need no baseline where not every parameter has one', async () => {
    await aSource(theExperiment({ parameters: [anInteger('cpu')] })).next(NOTHING, NEVER);

    assert.ok(!asked.includes('suggest'));
  });

  const waits: [what: string, reason: RemoteError['reason'], status: number, retryAfter: number, wait: number][] = [
    ['as long as the API says', 'trial-unavailable', 503, 30_000, 30_000],
    ['at least five seconds', 'trial-unavailable', 503, 1_000, 5_000],
    ['five seconds where it says nothing', 'trial-unavailable', 503, 0, 5_000],
    ['two minutes at most', 'trial-unavailable', 503, 600_000, 120_000],
    ['when it is away', 'unreachable', 0, 0, 5_000],
    ['when it is broken', 'unexpected', 500, 0, 5_000],
    ['when it throttles', 'unexpected', 429, 10_000, 10_000],
  ];
  for (const [what, reason, status, retryAfter, wait] of waits) {
    it(`are waited for ${what}`, async () => {
      const answer = await aSource(theExperiment(), refuse(reason, status, retryAfter)).next({ ...NOTHING, isWaitedFor: true }, NEVER);

      assert.deepEqual(answer, { status: 'Later', wait });
      assert.equal(messages().length, 1);
      assert.match(messages()[0]!, /^waits for a trial of the remote API, asked again in /);
    });
  }

  it('are waited for as long as the installation says, and longer while a trial runs that they may wait for', async () => {
    const source = aSource(theExperiment(), refuse('trial-unavailable', 503));
    await source.next(NOTHING, NEVER);
    await clock.advance(56_000);

    const whileItRuns = await source.next({ ...NOTHING, isWaitedFor: true }, NEVER);
    const afterwards = await source.next(NOTHING, NEVER);

    assert.equal(whileItRuns.status, 'Later');
    assert.deepEqual(afterwards, {
      status: 'Unavailable',
      message: 'the remote API had no trial for 56s; the next run asks again: the server says 503',
    });
    assert.equal(messages().length, 1);
  });

  it('end with 410, for this definition', async () => {
    const source = aSource(theExperiment(), refuse('experiment-stopped', 410));

    const answer = await source.next(NOTHING, NEVER);

    assert.deepEqual(answer, { status: 'Finished' });
    assert.equal(source.finished(), 'the server says 410');
    assert.equal(finishedFor(theExperiment(), link), 'the server says 410');
    assert.equal(finishedFor(theExperiment({ suggest: { source: 'remote', budget: 99 } }), link), undefined);
  });

  it('are refused where the API does not let us in', async () => {
    const answer = await aSource(theExperiment(), refuse('unauthorized', 401)).next(NOTHING, NEVER);

    assert.deepEqual(answer, { status: 'Refused', message: 'the server says 401' });
  });

  it('begin once an API is back that was away when the experiment was to be created there', async () => {
    let isAway = true;
    const api = memoryApi(server);
    const away = new RemoteError('unreachable', 'the server is away');
    const source = aSource(theExperiment(), { create: (...of) => (isAway ? Promise.reject(away) : api.create(...of)) });

    const first = await source.next(NOTHING, NEVER);
    isAway = false;
    const second = await source.next(NOTHING, NEVER);

    assert.deepEqual([first.status, second.status], ['Later', 'Trial']);
  });

  it('are not asked for while reports cannot be delivered', async () => {
    reportFailure = new RemoteError('unreachable', 'the server is away');

    const answer = await aSource().next(NOTHING, NEVER);

    assert.deepEqual([answer.status, asked], ['Later', []]);
  });
});
