import assert from 'node:assert/strict';
import { openRemote } from '../../../runner/remote/open-remote.ts';
import type { ExperimentsApi } from '../../../runner/remote/experiments-api.ts';
import { RemoteError } from '../../../runner/remote/remote-error.ts';
import { remoteUrl } from '../../../runner/model/remote.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { dealTrials, type Dealer } from '../../../runner/slots/deal-trials.ts';
import { holdSlots } from '../../../runner/slots/hold-slots.ts';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import { openLeases } from '../../../runner/slots/run-leases.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import { trialsUnderWay } from '../../../runner/slots/trials-under-way.ts';
import { workSlots } from '../../../runner/slots/work-slots.ts';
import { anExperiment, anInteger } from '../../support/builders.ts';
import { experimentsState, type ExperimentsState } from '../../support/experiments-api/experiments-state.ts';
import { memoryApi } from '../../support/experiments-api/memory-api.ts';
import { failedPod, fakeCluster, succeededPod, type FakeCluster, type PlayJob } from '../../support/fake-cluster.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import type { RemoteRecords } from '../../support/memory-ledger.ts';
import { memoryRemoteLedger, type RemoteStates } from '../../support/memory-remote-ledger.ts';
import { mortalCluster, mortality, mortalLedger, type Mortality } from '../../support/mortality.ts';
import { repositoryOf } from '../../support/repository-of.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const NEVER = new AbortController().signal;
/** Trials that the API hands out altogether; the baseline is one of them. */
const BUDGET = 3;

/** What outlives a runner. */
type World = {
  cluster: FakeCluster;
  records: RemoteRecords;
  states: RemoteStates;
  server: ExperimentsState;
  clock: ManualClock;
  /** Trial Jobs by name: the uid of each that ran. */
  jobs: Map<string, string[]>;
};

type Life = {
  api?: ExperimentsApi;
  death?: Mortality;
  slots?: string[];
  emit?: (event: RunEvent) => void;
  patience?: number;
};

describe('a remote API, the journals and the results branch together', () => {
  it('have every trial once, each with its record and its report', async () => {
    const world = aWorld();

    await live(world);

    assertComplete(world, 'in one life');
    assert.deepEqual(
      [...world.states.values()].map(({ link }) => link?.finished),
      ['experiment budget is exhausted'],
    );
  });

  it('have it so with two slots at once', async () => {
    const world = aWorld();

    await live(world, { slots: ['a', 'b'] });

    assertComplete(world, 'in two slots');
  });

  describe('after a runner was killed', () => {
    const whole = mortality(Infinity);
    before(() => live(aWorld(), { death: whole }));

    it('at any change of the cluster, the branch or the API, before or after it took effect, have it so in the next life', async function () {
      this.timeout(60_000);
      assert.ok(whole.taken() > 25, `${whole.taken()} steps`);
      for (let step = 1; step <= whole.taken(); step += 1) {
        for (const when of ['before', 'after'] as const) {
          const world = aWorld();
          void begin(world, { death: mortality(step, when) });
          await world.clock.advance(60_000);

          await live(world);

          assertComplete(world, `killed ${when} step ${step}`);
        }
      }
    });

    it('while the infrastructure fails a trial, have it tried again and reported once', async function () {
      this.timeout(60_000);
      const evicted = () => aWorld(failingAs({ 'sizing-002': 'Evicted' }));
      const steps = mortality(Infinity);
      await live(evicted(), { death: steps });
      for (let step = 1; step <= steps.taken(); step += 1) {
        for (const when of ['before', 'after'] as const) {
          const world = evicted();
          void begin(world, { death: mortality(step, when) });
          await world.clock.advance(60_000);

          await live(world);

          assertReported(world, `killed ${when} step ${step}`);
          assert.equal(recordsOf(world).length, BUDGET + 1);
        }
      }
    });
  });

  describe('when a request to the API fails', () => {
    const count = failing(memoryApi(experimentsState({ budget: BUDGET })), Infinity);
    before(async () => {
      const world = aWorld();
      const counted = failing(memoryApi(world.server), Infinity);
      await live(world, { api: counted.api });
      count.requests = counted.requests;
    });

    for (const [what, tookEffect] of [
      ['before it was carried out', false],
      ['after it was carried out, so that its answer is lost', true],
    ] as const) {
      it(`${what}, whichever it is, have it so in the same life`, async () => {
        assert.ok(count.requests() > 10, `${count.requests()} requests`);
        for (const slots of [['a'], ['a', 'b']]) {
          for (let request = 1; request <= count.requests(); request += 1) {
            const world = aWorld();
            await live(world, { slots, api: failing(memoryApi(world.server), request, tookEffect).api });

            assertComplete(world, `request ${request} failed, slots ${slots.join()}`);
          }
        }
      });
    }

    for (const tookEffect of [false, true]) {
      it(`for good from any request on, ${tookEffect ? 'though carried out, ' : ''}have it so once a later life finds the API back`, async () => {
        for (let request = 1; request <= count.requests(); request += 1) {
          const world = aWorld();
          await live(world, { api: failing(memoryApi(world.server), request, tookEffect, Infinity).api, patience: 20_000 });

          await live(world);

          assertComplete(world, `away from request ${request} on`);
        }
      });
    }
  });

  it('have a trial that the infrastructure fails tried again, and one report', async () => {
    const world = aWorld(failingAs({ 'sizing-002': 'Evicted' }));

    await live(world);

    assert.deepEqual(
      trialsOf(world).map(({ status, reports }) => [status, reports.length]),
      [
        ['completed', 1],
        ['completed', 1],
        ['completed', 1],
      ],
    );
    assert.deepEqual(
      recordsOf(world).map(({ spec, status }) => [spec.source.type, status.phase]),
      [
        ['remote', 'Completed'],
        ['remote', 'Failed'],
        ['retry', 'Completed'],
        ['remote', 'Completed'],
      ],
    );
  });

  it('have a trial abandoned that the infrastructure fails twice', async () => {
    const world = aWorld(failingAs({ 'sizing-002': 'Evicted', 'sizing-003': 'Evicted' }));

    await live(world);

    assert.deepEqual(
      trialsOf(world).map(({ status, reports }) => [status, reports.length]),
      [
        ['completed', 1],
        ['abandoned', 0],
        ['completed', 1],
        ['completed', 1],
      ],
    );
  });

  it('have a failed trial reported as failed, with its reason', async () => {
    const world = aWorld(failingAs({ 'sizing-002': 'Error' }));

    await live(world);

    const [, failed] = trialsOf(world);
    assert.deepEqual([failed?.status, failed?.reports[0]?.failed, failed?.reports[0]?.values], ['failed', true, undefined]);
    assert.equal(failed?.reports[0]?.failureReason, recordsOf(world)[1]?.status.failure?.reason);
  });
});

function aWorld(play: PlayJob = succeededPod): World {
  const jobs = new Map<string, string[]>();
  const cluster = fakeCluster([], (job) => {
    jobs.set(job.metadata.name, [...(jobs.get(job.metadata.name) ?? []), String(job.metadata.uid)]);
    return play(job);
  });
  const clock = manualClock('2026-01-01T10:00:00.000Z');
  return { cluster, records: new Map(), states: new Map(), server: experimentsState({ budget: BUDGET }), clock, jobs };
}

function failingAs(reasons: Record<string, string>): PlayJob {
  return (job) => {
    const reason = reasons[job.metadata.name];
    if (reason === undefined) return succeededPod(job);
    return reason === 'Evicted' ? { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' } : failedPod(job);
  };
}

let lives = 0;

/** One whole life of the runner. */
function live(world: World, life?: Life): Promise<void> {
  return whileTimePasses(begin(world, life), world.clock);
}

async function begin(
  world: World,
  { api = memoryApi(world.server), death, slots = ['a'], emit = () => undefined, patience = 600_000 }: Life = {},
): Promise<void> {
  const { clock } = world;
  lives += 1;
  const run = `run-${lives}`;
  const cluster = death === undefined ? world.cluster : mortalCluster(world.cluster, death);
  const branch = memoryRemoteLedger(world.records, world.states);
  const ledger = death === undefined ? branch : mortalLedger(branch, death);
  const remote = openRemote({ api: death === undefined ? api : mortalApi(api, death), patience }, { ledger, clock, emit }, NEVER);

  const leases = openLeases(run, { cluster, clock, emit, timing: { duration: 6_000, renewal: 2_000 } });
  const ready = { usable: slots, candidates: new Map([['sizing', slots]]), seen: new Map(), unfinished: slots };
  const taken = await holdSlots(ready, [{ name: 'sizing', replicas: slots.length }], { leases, emit }, NEVER);
  const underWay = await trialsUnderWay(taken.slots, slots, { cluster, clock }, NEVER);
  const dealer: Dealer = dealTrials(
    [{ ...anExperimentOf(slots), remote: remote.sourceOf({ experiment: theExperiment(slots.length), digest: 'digest' }) }],
    { underWay, slots },
    { maxTrials: undefined, endBefore: undefined, run },
    { records: ledger.records, changes: async () => new Map(), clock, emit },
  );
  const reported = { ...ledger, submit: remote.submit };
  const end = await workSlots(
    taken.slots,
    {
      ...dealer,
      cluster,
      clock,
      emit,
      ledger: reported,
      runner: { version: '0', run },
      unschedulableGrace: 60_000,
      metricAccess: OPEN_ACCESS,
    },
    NEVER,
  );
  assert.deepEqual(end.bugs, []);
  await remote.deliver();
  await ledger.flush(NEVER);
  await leases.giveBack();
}

function theExperiment(replicas: number): Experiment {
  return anExperiment({
    replicas,
    suggest: { source: 'remote' },
    parameters: [anInteger('cpu', { baseline: 4 })],
    metrics: [{ type: 'kubernetes', name: 'cost', minimize: true, optimize: true, query: '{{values.cpu}}' }],
    trialTemplate: {
      from: 'inline',
      template: { spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load', image: 'load:1' }] } } } } } },
    },
  });
}

function anExperimentOf(slots: string[]) {
  const experiment = theExperiment(slots.length);
  return {
    source: { experiment, locate: () => ({ file: experiment.file }), files: repositoryOf({}), image: 'fieldtrial:test', timeouts: {} },
    queue: [],
    digest: 'digest',
    commit: '0123456789abcdef0123456789abcdef01234567',
    slots,
    timeouts: { setup: 300_000, setupDelete: 300_000, stabilize: 600_000, run: 3_600_000, collect: 300_000 },
    lost: NEVER,
  };
}

function mortalApi(api: ExperimentsApi, { step, living }: Mortality): ExperimentsApi {
  return {
    ...api,
    get: (ref, signal) => living(() => api.get(ref, signal)),
    trials: (url, query, signal) => living(() => api.trials(url, query, signal)),
    create: (ref, body, signal) => step(() => api.create(ref, body, signal)),
    suggest: (url, body, signal) => step(() => api.suggest(url, body, signal)),
    next: (url, signal) => step(() => api.next(url, signal)),
    report: (url, body, signal) => step(() => api.report(url, body, signal)),
    abandon: (url, signal) => step(() => api.abandon(url, signal)),
  };
}

/** An API whose nth request fails, and as many after it as `times` says; its client has tried as often as it may. */
function failing(api: ExperimentsApi, nth: number, tookEffect = false, times = 1): { api: ExperimentsApi; requests: () => number } {
  let requests = 0;
  const ask = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    requests += 1;
    const fails = requests >= nth && requests < nth + times;
    if (fails && tookEffect) await work();
    if (fails) throw new RemoteError('unreachable', 'the connection broke', { uncertain: true });
    return work();
  };
  return {
    requests: () => requests,
    api: {
      ...api,
      get: (ref, signal) => ask(() => api.get(ref, signal)),
      trials: (url, query, signal) => ask(() => api.trials(url, query, signal)),
      create: (ref, body, signal) => ask(() => api.create(ref, body, signal)),
      suggest: (url, body, signal) => ask(() => api.suggest(url, body, signal)),
      next: (url, signal) => ask(() => api.next(url, signal)),
      report: (url, body, signal) => ask(() => api.report(url, body, signal)),
      abandon: (url, signal) => ask(() => api.abandon(url, signal)),
    },
  };
}

function trialsOf({ server }: World) {
  return server.experiments.get('sizing')?.trials ?? [];
}

function recordsOf({ records }: World) {
  return [...records.values()].map((texts) => texts.at(-1)!).toSorted((a, b) => a.spec.number - b.spec.number);
}

/** Every trial of the API is completed by a report that never changed, and nothing is owed. */
function assertReported(world: World, at: string): void {
  const trials = trialsOf(world);
  assert.deepEqual(
    trials.map(({ status }) => status),
    Array(BUDGET).fill('completed'),
    at,
  );
  for (const { reports } of trials) assert.deepEqual(reports, Array(reports.length).fill(reports[0]), at);
  assert.deepEqual(
    [...world.states.values()].flatMap(({ owed }) => owed),
    [],
    at,
  );
}

/** Every trial of the API is completed, has one record and ran once; the baseline is one of them; nothing is owed or left. */
function assertComplete(world: World, at: string): void {
  const trials = trialsOf(world);
  const records = recordsOf(world);
  assertReported(world, at);
  assert.deepEqual(
    records.map(({ spec }) => Number(remoteUrl(spec.source)?.split('/').at(-1))).toSorted(),
    trials.map(({ number }) => number),
    at,
  );
  for (const { spec, status } of records) {
    const trial = trials.find(({ number }) => String(number) === remoteUrl(spec.source)?.split('/').at(-1));
    assert.equal(trial?.reports[0]?.values?.[0]?.value, status.values[0]?.value, at);
  }
  assert.equal(records.filter(({ spec }) => spec.baseline).length, 1, at);
  assert.deepEqual(
    [...world.jobs.values()].filter((uids) => uids.length !== 1),
    [],
    at,
  );
  assert.equal(world.jobs.size, BUDGET, at);
  for (const { metadata, spec } of ['a', 'b'].flatMap((slot) => world.cluster.get('Lease', 'fieldtrial-slot', slot) ?? [])) {
    assert.equal(metadata.annotations?.[JOURNAL_ANNOTATION], undefined, at);
    assert.equal(spec.holderIdentity, '', at);
  }
}
