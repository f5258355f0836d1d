import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { Cluster, KubeObject } from '../../../runner/cluster/port.ts';
import type { RepositoryFiles } from '../../../runner/definition/repository-files.ts';
import { GitFailed } from '../../../runner/ledger/git-failure.ts';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import { PreflightFailed, RecordFailed } from '../../../runner/model/errors.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { cleanSlot, type CleanEnd } from '../../../runner/slots/clean-slot.ts';
import { dealTrials, type DealtExperiment } from '../../../runner/slots/deal-trials.ts';
import { holdSlots } from '../../../runner/slots/hold-slots.ts';
import { openLeases } from '../../../runner/slots/run-leases.ts';
import { openJournal } from '../../../runner/slots/slot-journal.ts';
import { JOURNAL_ANNOTATION, QUARANTINE_LABEL, slotLease } from '../../../runner/slots/slot-lease.ts';
import { trialsUnderWay } from '../../../runner/slots/trials-under-way.ts';
import { workSlots, type SlotsEnd } from '../../../runner/slots/work-slots.ts';
import type { WorkDeps } from '../../../runner/slots/work-slot.ts';
import { aCategory, anExperiment } from '../../support/builders.ts';
import { failedPod, fakeCluster, runningPod, succeededPod, type FakeCluster, type PlayJob } from '../../support/fake-cluster.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { memoryLedger, type RemoteRecords } from '../../support/memory-ledger.ts';
import { mortalCluster, mortality, mortalLedger } from '../../support/mortality.ts';
import { repositoryOf } from '../../support/repository-of.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const NEVER = new AbortController().signal;
const REFUSED = new RecordFailed('the branch is protected');

/** What outlives a runner. */
type World = { cluster: FakeCluster; remote: RemoteRecords; clock: ManualClock; pods: Map<string, string[]> };

type Life = {
  /** Stands between this life and the world. */
  cluster?: Cluster;
  ledger?: ReturnType<typeof memoryLedger>;
  slots?: string[];
  replicas?: number;
  spec?: Partial<Experiment>;
  signal?: AbortSignal;
  emit?: (event: RunEvent) => void;
  files?: RepositoryFiles;
  deps?: Partial<WorkDeps>;
};

describe('working slots', () => {
  it('tries everything, pushes it, and leaves the slots empty and free', async () => {
    const world = aWorld();

    const end = await live(world, { slots: ['a', 'b'], replicas: 2 });

    assert.deepEqual(end.ends, [
      { slot: 'a', end: 'Done', unpushed: [] },
      { slot: 'b', end: 'Done', unpushed: [] },
    ]);
    assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Completed']);
    assertClean(world, ['a', 'b']);
  });

  it('adds nothing to the record when the teardown went well', async () => {
    const world = aWorld();

    await live(world);

    const [first] = [...world.remote.values()];
    assert.deepEqual(
      first?.map(({ status }) => status.setupDeletion),
      [undefined],
    );
  });

  it('quarantines a slot whose teardown fails, and keeps it in the journal', async () => {
    const world = aWorld((job) => (job.metadata.name.endsWith('-delete') ? failedPod(job) : succeededPod(job)));

    const end = await live(world);

    assert.deepEqual(
      end.ends.map((each) => each.end),
      ['Quarantined'],
    );
    assert.deepEqual(recorded(world), ['sizing-001 Completed']);
    assert.equal(leaseOf(world).metadata.labels?.[QUARANTINE_LABEL], 'SetupJobFailed');
    assert.match(journalOf(world) ?? '', /"teardown"/);
    assert.equal(leaseOf(world).spec.holderIdentity, '');
  });

  it('tries the teardown of a quarantined slot once more, and goes on in it', async () => {
    let isBroken = true;
    const world = aWorld((job) => (isBroken && job.metadata.name.endsWith('-delete') ? failedPod(job) : succeededPod(job)));
    await live(world);
    isBroken = false;

    await live(world);

    assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Completed']);
    assert.deepEqual([...world.remote.values()][0]?.at(-1)?.status.setupDeletion, { status: 'Deleted' });
    assert.equal(leaseOf(world).metadata.labels?.[QUARANTINE_LABEL], undefined);
    assertClean(world);
  });

  it('leaves a running trial to the next run when it is told to end', async () => {
    let isRunning = true;
    const world = aWorld((job) => (isRunning && job.metadata.name === 'sizing-001' ? runningPod(job) : succeededPod(job)));
    const ending = new AbortController();
    const living = begin(world, { signal: ending.signal });
    await world.clock.advance(5_000);

    ending.abort(new Error('SIGTERM'));
    await whileTimePasses(living, world.clock);
    const left = { holder: leaseOf(world).spec.holderIdentity, job: world.cluster.get('Job', 'sizing-001')?.metadata.uid };
    isRunning = false;
    end(world, 'sizing-001');
    await live(world);

    assert.equal(left.holder, '');
    assert.deepEqual(world.pods.get('sizing-001'), [left.job]);
    assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Completed']);
  });

  it('goes on at once in a slot whose trial was given up, and tries the same again', async () => {
    const world = aWorld((job) => (job.metadata.name === 'sizing-001' ? runningPod(job) : succeededPod(job)));
    const ending = new AbortController();
    const living = begin(world, { signal: ending.signal });
    await world.clock.advance(5_000);
    ending.abort(new Error('SIGTERM'));
    await whileTimePasses(living, world.clock);

    const cleaned = await whileTimePasses(clean(world), world.clock);
    await live(world);

    assert.equal(cleaned.givenUp, 'sizing-001');
    assert.deepEqual(recorded(world), ['sizing-001 Failed', 'sizing-002 Completed', 'sizing-003 Completed']);
    const retry = [...world.remote.values()].map((texts) => texts.at(-1)?.spec).find((spec) => spec?.number === 2);
    assert.equal(retry?.source.type, 'retry');
    assertClean(world);
  });

  it('keeps what was refused in the journal, and the next run hands on exactly that', async () => {
    const world = aWorld();
    const ledger = memoryLedger(world.remote);
    ledger.refuse(REFUSED);

    const refused = await live(world, { ledger });
    const journal = journalOf(world);
    const before = recorded(world);
    await live(world);

    assert.deepEqual(
      refused.unpushed.map(({ message }) => message),
      Array(2).fill('the branch is protected'),
    );
    assert.match(journal ?? '', /"owed"/);
    assert.deepEqual(before, []);
    assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Completed']);
    assert.equal(world.pods.get('sizing-001')?.length, 1);
    assertClean(world);
  });

  it('owes nothing that a later push took along', async () => {
    const world = aWorld();
    const ledger = memoryLedger(world.remote);
    ledger.refuse(REFUSED);

    const end = await live(world, {
      ledger,
      emit: ({ type, ...event }) =>
        type === 'trial-finished' && 'trial' in event && event.trial === 'sizing-002' && ledger.refuse(undefined),
    });

    assert.deepEqual(end.unpushed, []);
    assertClean(world);
  });

  it('keeps the record of a trial that could not be rendered', async () => {
    const world = aWorld();
    const ledger = memoryLedger(world.remote);
    ledger.refuse(REFUSED);

    await live(world, {
      ledger,
      spec: { trialTemplate: { from: 'inline', template: { spec: { approximateRuntime: '{{values.color}}' } } } },
    });

    assert.match(journalOf(world) ?? '', /"reason":"InvalidDefinition"/);
  });

  describe('that render a trial with a file that git has to be asked for', () => {
    const template = {
      setupTasks: [{ name: 'seed', manifests: ['objects-{{values.color}}.yaml'] }],
      jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load', image: 'load:1' }] } } } },
    };
    const spec = { trialTemplate: { from: 'inline', template: { spec: template } } } as unknown as Partial<Experiment>;

    /** Rendering the green trial fails for the first `times`. */
    function filesOfServerThatIsAway(times: number) {
      const files = repositoryOf({ 'objects-red.yaml': '{}', 'objects-green.yaml': '{}' });
      const cause = new GitFailed('unreachable', 'Could not resolve host: git');
      return {
        ...files,
        async read(path: string) {
          if (path === 'objects-green.yaml' && times-- > 0)
            throw new PreflightFailed('repository https://git/x cannot be reached', { cause });
          return files.read(path);
        },
      };
    }

    it('wait for a server that is away for a moment', async () => {
      const world = aWorld();
      const events: RunEvent[] = [];

      await live(world, { spec, files: filesOfServerThatIsAway(3), emit: (event) => void events.push(event) });

      assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Completed']);
      assert.match(JSON.stringify(events), /repository https:\/\/git\/x cannot be reached; it is tried again for 30 s/);
    });

    it('fail it as infrastructure, not as a bug, when the server stays away', async () => {
      const world = aWorld();

      const end = await live(world, { spec, files: filesOfServerThatIsAway(Infinity) });

      assert.deepEqual(end.bugs, []);
      assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Failed', 'sizing-003 Failed']);
      const failure = [...world.remote.values()].map((texts) => texts.at(-1)?.status.failure).findLast((each) => each !== undefined);
      assert.deepEqual(
        [failure?.stage, failure?.reason, failure?.infrastructure, failure?.message],
        ['create-trial', 'RepositoryUnavailable', true, 'repository https://git/x cannot be reached'],
      );
      assertClean(world);
    });
  });

  it('gives a slot up whose Lease somebody took, and goes on in the others', async () => {
    const world = aWorld((job) => (job.metadata.name === 'sizing-001' ? runningPod(job) : succeededPod(job)));
    const events: RunEvent[] = [];
    const living = begin(world, { slots: ['a', 'b'], replicas: 2, emit: (event) => events.push(event) });
    await world.clock.advance(5_000);

    world.cluster.put({ ...leaseOf(world, 'a'), spec: { ...leaseOf(world, 'a').spec, holderIdentity: 'somebody' } });
    const end = await whileTimePasses(living, world.clock);

    assert.deepEqual(end.bugs, []);
    assert.deepEqual(
      end.ends.map(({ slot }) => slot),
      ['b'],
    );
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])),
      ['the slot is given up: Lease a/fieldtrial-slot was taken over by somebody'],
    );
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'slot-finished' ? [event.slot] : [])),
      ['a', 'b'],
    );
    assert.deepEqual(end.givenUp, [{ slot: 'a', message: 'Lease a/fieldtrial-slot was taken over by somebody', takenOver: true }]);
    assert.equal(leaseOf(world, 'a').spec.holderIdentity, 'somebody');
    assert.match(journalOf(world, 'a') ?? '', /"stage":"run"/);
    assert.deepEqual(recorded(world), ['sizing-002 Completed']);
  });

  it('tells of a slot that it gives up because the API server is away for longer than the Lease lasts', async () => {
    const world = aWorld((job) => (job.metadata.name === 'sizing-001' ? runningPod(job) : succeededPod(job)));
    let isAway = false;
    const cluster: Cluster = {
      ...world.cluster,
      replace: (object, signal) =>
        isAway ? Promise.reject(new ClusterError(503, 'ServiceUnavailable', 'etcd is away')) : world.cluster.replace(object, signal),
    };
    const living = begin(world, { cluster });
    await world.clock.advance(5_000);

    isAway = true;
    const end = await whileTimePasses(living, world.clock);

    assert.deepEqual({ ends: end.ends, bugs: end.bugs }, { ends: [], bugs: [] });
    assert.deepEqual(end.givenUp, [{ slot: 'a', message: 'Lease a/fieldtrial-slot could not be renewed for 6s', takenOver: false }]);
  });

  it('begins nothing more after a bug, also where a slot is waiting', async () => {
    const world = aWorld((job) => (job.metadata.name === 'sizing-001' ? runningPod(job) : succeededPod(job)));
    const bug = new TypeError('undefined is not a function');
    const broken: Cluster = {
      ...world.cluster,
      list: (query, signal) =>
        query.kind === 'Pod' && world.clock.now().getTime() > Date.parse('2026-01-01T10:01:00Z')
          ? Promise.reject(bug)
          : world.cluster.list(query, signal),
    };
    const living = begin(world, { slots: ['a', 'b'], cluster: broken });
    await world.clock.advance(70_000);
    end(world, 'sizing-001');

    const ended = await whileTimePasses(living, world.clock);

    assert.deepEqual(ended.bugs, [bug]);
    assert.deepEqual(
      [...world.pods.keys()].filter((name) => name.startsWith('sizing-002')),
      [],
    );
  });

  it('fails a trial as infrastructure, not as a bug, when its journal cannot be written for a while', async () => {
    const world = aWorld();
    let refusals = 1;
    const cluster: Cluster = {
      ...world.cluster,
      replace(object, signal) {
        if (!/"stage":"run"/.test(object.metadata.annotations?.[JOURNAL_ANNOTATION] ?? '') || refusals === 0)
          return world.cluster.replace(object, signal);
        refusals -= 1;
        return Promise.reject(new ClusterError(503, 'ServiceUnavailable', 'the server is away'));
      },
    };

    const end = await live(world, { cluster });

    const [failed] = [...world.remote.values()].map((texts) => texts.at(-1)?.status.failure);
    assert.deepEqual(end.bugs, []);
    assert.deepEqual(
      { stage: failed?.stage, reason: failed?.reason, infrastructure: failed?.infrastructure },
      { stage: 'run', reason: 'ApiUnavailable', infrastructure: true },
    );
  });

  describe('that put back what patches changed', () => {
    const colors = (world: World) => {
      const seen: unknown[] = [];
      const { patch } = world.cluster;
      const cluster: Cluster = {
        ...world.cluster,
        async patch(...parameters) {
          const after = await patch(...parameters);
          if (parameters[3].dryRun !== true) seen.push(after['data']?.color);
          return after;
        },
      };
      return { cluster, seen };
    };

    it('do so after each trial, when the experiment says so', async () => {
      const world = aWorld();
      const { cluster, seen } = colors(world);

      await live(world, { cluster, spec: { restore: 'trial' } });

      assert.deepEqual(seen, ['red', undefined, 'green', undefined]);
      assertClean(world);
    });

    it('do so once, when the run leaves the slot, with what was there before its first trial', async () => {
      const world = aWorld();
      const { cluster, seen } = colors(world);

      await live(world, { cluster, spec: { restore: 'run' } });

      assert.deepEqual(seen, ['red', 'green', undefined]);
      assertClean(world);
    });

    it('never do it by default', async () => {
      const world = aWorld();

      await live(world);

      assert.deepEqual(colorOf(world), 'green');
    });

    it('put nothing back under a trial that runs on when the run is told to end; the next run does', async () => {
      let isRunning = true;
      const world = aWorld((job) => (isRunning && job.metadata.name === 'sizing-002' ? runningPod(job) : succeededPod(job)));
      const ending = new AbortController();
      const living = begin(world, { signal: ending.signal, spec: { restore: 'run' } });
      while (world.cluster.get('Job', 'sizing-002') === undefined) await world.clock.advance(1_000);

      ending.abort(new Error('SIGTERM'));
      await whileTimePasses(living, world.clock);
      const between = colorOf(world);
      isRunning = false;
      end(world, 'sizing-002');
      await live(world, { spec: { restore: 'run' } });

      assert.deepEqual([between, colorOf(world)], ['green', undefined]);
      assertClean(world);
    });

    it('leave what somebody else has changed since, and say so', async () => {
      const world = aWorld();
      const events: RunEvent[] = [];
      const { patch } = world.cluster;
      const cluster: Cluster = {
        ...world.cluster,
        async patch(...parameters) {
          const after = await patch(...parameters);
          if (after['data'].color === 'green' && parameters[3].dryRun !== true)
            world.cluster.put({ ...after, data: { color: 'blue' }, metadata: { ...after.metadata, managedFields: [] } });
          return after;
        },
      };

      await live(world, { cluster, spec: { restore: 'run' }, emit: (event) => void events.push(event) });

      assert.equal(colorOf(world), 'blue');
      assert.match(JSON.stringify(events), /ConfigMap web: somebody else has changed data\.color since it was patched/);
      assertClean(world);
    });

    it('quarantine a slot where it is refused, and free it when a later run succeeds', async () => {
      const world = aWorld();
      let isRefused = true;
      const { patch } = world.cluster;
      const cluster: Cluster = {
        ...world.cluster,
        patch(...parameters) {
          const isRestore = (parameters[2] as Partial<KubeObject>).metadata !== undefined;
          return isRefused && isRestore
            ? Promise.reject(new ClusterError(403, 'Forbidden', 'configmaps is forbidden'))
            : patch(...parameters);
        },
      };

      const first = await live(world, { cluster, spec: { restore: 'run' } });
      const label = leaseOf(world).metadata.labels?.[QUARANTINE_LABEL];
      isRefused = false;
      const second = await live(world, { cluster, spec: { restore: 'run' } });

      assert.deepEqual([first.ends[0]?.end, label, second.ends[0]?.end], ['Quarantined', 'RestoreFailed', 'Done']);
      assert.equal(leaseOf(world).metadata.labels?.[QUARANTINE_LABEL], undefined);
      assert.equal(colorOf(world), undefined);
      assertClean(world);
    });

    it('wait with it in the journal while the API server is away, and the next run does it', async () => {
      const world = aWorld();
      const { patch } = world.cluster;
      const cluster: Cluster = {
        ...world.cluster,
        patch: (...parameters) =>
          (parameters[2] as Partial<KubeObject>).metadata === undefined
            ? patch(...parameters)
            : Promise.reject(new ClusterError(503, 'ServiceUnavailable', 'etcd is away')),
      };

      const first = await live(world, { cluster, spec: { restore: 'run' } });
      const journal = journalOf(world);
      await live(world, { spec: { restore: 'run' } });

      assert.match(journal ?? '', /"restore"/);
      assert.deepEqual(
        first.givenUp.map(({ slot, takenOver }) => ({ slot, takenOver })),
        [{ slot: 'a', takenOver: false }],
      );
      assert.equal(colorOf(world), undefined);
      assertClean(world);
    });
  });

  it('measures no trial whose JSON patch was sent twice, wherever a runner was killed', async function () {
    this.timeout(20_000);
    const body = '[{op: add, path: /data/colors/-, value: "{{values.color}}"}]';
    const targetRef = { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' };
    const spec = { restore: 'trial', patches: [{ targetRef, type: 'json', patch: body }] as unknown as Experiment['patches'] } as const;
    const theWorld = (measured: string[]) => {
      const world = aWorld((job) => {
        if (!/-(create|delete)$/.test(job.metadata.name)) measured.push(world.cluster.get('ConfigMap', 'web')?.['data'].colors.join());
        return succeededPod(job);
      });
      world.cluster.put({ ...world.cluster.get('ConfigMap', 'web')!, data: { colors: [] } });
      return world;
    };
    const whole = theWorld([]);
    const steps = mortal(whole, Infinity);
    await live(whole, { ...steps, spec });

    const interrupted = new Set<unknown>();
    for (let step = 1; step <= steps.taken(); step += 1) {
      for (const when of ['before', 'after'] as const) {
        const measured: string[] = [];
        const world = theWorld(measured);
        void begin(world, { ...mortal(world, step, when), spec });
        await world.clock.advance(30_000);

        await live(world, { spec });

        const at = `killed ${when} step ${step}`;
        assert.deepEqual(measured.toSorted(), ['green', 'red'], at);
        assert.deepEqual(world.cluster.get('ConfigMap', 'web')?.['data'], { colors: [] }, at);
        const failures = [...world.remote.values()].flatMap((texts) => texts.at(-1)?.status.failure ?? []);
        for (const { reason, infrastructure } of failures) interrupted.add(`${reason} ${infrastructure}`);
        assertClean(world);
      }
    }
    assert.deepEqual([...interrupted], ['Interrupted true']);
  });

  for (const restore of ['never', 'trial', 'run'] as const) {
    describe(`after a runner was killed, with restore: ${restore},`, () => killedAnywhere(restore));
  }
});

function killedAnywhere(restore: Experiment['restore']): void {
  // Every change of the cluster and every push of one life, found out by living it once.
  const whole = aWorld();
  const steps = mortal(whole, Infinity);
  before(() => live(whole, { ...steps, spec: { restore } }));

  it('at any step, before or after it took effect, the next one finishes what was begun and doubles nothing', async function () {
    this.timeout(20_000);
    assert.ok(steps.taken() > 20, `${steps.taken()} steps`);
    for (let step = 1; step <= steps.taken(); step += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = aWorld();
        void begin(world, { ...mortal(world, step, when), spec: { restore } });
        await world.clock.advance(30_000);

        await live(world, { spec: { restore } });

        const at = `killed ${when} step ${step}`;
        assert.deepEqual(recorded(world), ['sizing-001 Completed', 'sizing-002 Completed'], at);
        assert.deepEqual(
          [...world.pods].filter(([name, jobs]) => !name.endsWith('-delete') && jobs.length !== 1),
          [],
          at,
        );
        for (const texts of world.remote.values())
          assert.deepEqual(
            texts.map(({ status }) => status.setupDeletion),
            [undefined],
            at,
          );
        assert.equal(colorOf(world), restore === 'never' ? 'green' : undefined, at);
        assertClean(world);
      }
    }
  });
}

function colorOf({ cluster }: World): unknown {
  return cluster.get('ConfigMap', 'web', 'a')?.['data']?.color;
}

function aWorld(play: PlayJob = succeededPod): World {
  const pods = new Map<string, string[]>();
  const clock = manualClock('2026-01-01T10:00:00.000Z');
  const cluster = fakeCluster(
    [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'a' }, data: {} },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'b' }, data: {} },
    ],
    (job) => {
      pods.set(job.metadata.name, [...(pods.get(job.metadata.name) ?? []), String(job.metadata.uid)]);
      return play(job);
    },
  );
  return { cluster, remote: new Map(), clock, pods };
}

let lives = 0;

/** One whole life of the runner. */
function live(world: World, life?: Life): Promise<SlotsEnd> {
  return whileTimePasses(begin(world, life), world.clock);
}

/** A life of the runner over an experiment of two trials, each with a setup, a patch and a Job. */
async function begin(
  world: World,
  {
    cluster = world.cluster,
    ledger = memoryLedger(world.remote),
    slots = ['a'],
    replicas = 1,
    spec = {},
    signal = NEVER,
    emit = () => undefined,
    files = repositoryOf({ 'objects.yaml': '{}' }),
  }: Life = {},
): Promise<SlotsEnd> {
  const { clock } = world;
  lives += 1;
  const run = `run-${lives}`;
  const leases = openLeases(run, { cluster, clock, emit, timing: { duration: 6_000, renewal: 2_000 } });
  const ready = { usable: slots, candidates: new Map([['sizing', slots]]), seen: new Map(), unfinished: slots };
  const taken = await holdSlots(ready, [{ name: 'sizing', replicas }], { leases, emit }, signal);
  const underWay = await trialsUnderWay(taken.slots, slots, { cluster, clock }, signal);
  const dealer = dealTrials(
    [anExperimentOf(slots, { replicas, ...spec }, files)],
    { underWay, slots },
    { maxTrials: undefined, endBefore: undefined, run },
    { records: ledger.records, changes: async () => new Map(), clock, emit },
  );
  const end = await workSlots(
    taken.slots,
    { ...dealer, cluster, clock, emit, ledger, runner: { version: '0', run }, unschedulableGrace: 60_000, metricAccess: OPEN_ACCESS },
    signal,
  );
  await leases.giveBack();
  return end;
}

/** What `slots clean` does. */
async function clean({ cluster, clock }: World): Promise<CleanEnd> {
  const emit = () => undefined;
  const runner = { version: '0', run: 'cleaner' };
  const leases = openLeases(runner.run, { cluster, clock, emit, timing: { duration: 6_000, renewal: 2_000 } });
  const acquisition = await leases.acquire(slotLease('a'), NEVER);
  assert.ok(acquisition.status === 'Acquired');
  const { lease } = acquisition;
  const slot = { name: 'a', lease, journal: openJournal(lease) };
  const end = await cleanSlot(slot, { cluster, clock, emit, runner, unschedulableGrace: 60_000 }, NEVER);
  await leases.giveBack();
  return end;
}

function anExperimentOf(slots: string[], fields: Partial<Experiment>, files: RepositoryFiles): DealtExperiment {
  const experiment = anExperiment({
    suggest: { source: 'grid' } as Experiment['suggest'],
    parameters: [aCategory('color', ['red', 'green'])],
    patches: [
      { targetRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' }, type: 'merge', patch: 'data: {color: "{{values.color}}"}' },
    ] as unknown as Experiment['patches'],
    trialTemplate: {
      from: 'inline',
      template: {
        spec: {
          setupTasks: [{ name: 'seed', manifests: ['objects.yaml'] }],
          jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load', image: 'load:1' }] } } } },
        },
      },
    },
    ...fields,
  });
  return {
    source: {
      experiment,
      locate: () => ({ file: experiment.file }),
      files,
      image: 'fieldtrial:test',
      timeouts: {},
    },
    queue: [],
    digest: 'digest',
    commit: '0123456789abcdef0123456789abcdef01234567',
    slots,
    timeouts: { setup: 300_000, setupDelete: 300_000, stabilize: 600_000, run: 3_600_000, collect: 300_000 },
    lost: NEVER,
  };
}

/** What a life sees whose process is killed at the given step. */
function mortal(world: World, dies: number, when?: 'before' | 'after'): Life & { taken(): number } {
  const death = mortality(dies, when);
  return { taken: death.taken, cluster: mortalCluster(world.cluster, death), ledger: mortalLedger(memoryLedger(world.remote), death) };
}

/** What the kubelet does when a container ends. */
function end({ cluster }: World, job: string): void {
  const pod = cluster.get('Pod', `${job}-pod`)!;
  cluster.put({ ...pod, status: succeededPod(cluster.get('Job', job)!) as KubeObject['status'] });
}

function recorded({ remote }: World): string[] {
  return [...remote.values()].map((texts) => `${texts.at(-1)?.metadata.name} ${texts.at(-1)?.status.phase}`).toSorted();
}

function leaseOf({ cluster }: World, slot = 'a'): KubeObject {
  return cluster.get('Lease', 'fieldtrial-slot', slot)!;
}

function journalOf(world: World, slot?: string): string | undefined {
  return leaseOf(world, slot).metadata.annotations?.[JOURNAL_ANNOTATION];
}

function assertClean(world: World, slots = ['a']): void {
  for (const slot of slots) {
    assert.equal(journalOf(world, slot), undefined);
    assert.equal(leaseOf(world, slot).spec.holderIdentity, '');
  }
  assert.deepEqual(
    ['Job', 'Pod'].flatMap((kind) => world.cluster.get(kind, 'sizing-001')?.metadata.name ?? []),
    [],
  );
}
