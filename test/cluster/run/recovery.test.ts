import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { FieldtrialEnd, StartedFieldtrial, TimedEvent } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { experimentOf, openWorld, phasesOf, type World } from './world.ts';

/** Where the runner is killed. */
type Kill = {
  stage: string;
  values?: string[];
  flags?: string[];
  /** Resolves when the stage is under way. */
  reached(run: StartedFieldtrial, world: World): Promise<unknown>;
  /** What the journal must say then, so that the kill is known to have met the stage. */
  left?(journal: Journal): unknown;
  finds?: unknown;
};

type Killed = {
  world: World;
  journal: Journal;
  /** The trial's pods and records when the runner was dead. */
  pods: KubeObject[];
  recordsBefore: TrialRecord[];
  /** How the next run ended. */
  end: FieldtrialEnd;
  records: TrialRecord[];
  jobs: Map<string, string[]>;
};

const CONFIG_MAPS = 30;

describe('a runner that is killed on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let prometheus: SlowPrometheus;
  const worlds: World[] = [];
  const killed = new Map<string, Killed>();

  const kills: Kill[] = [
    { stage: 'create-trial', reached: (run) => run.event(({ type }) => type === 'trial-started') },
    {
      stage: 'setup-create',
      reached: (run) => run.event(waits('setup-create', /Pending|Running|ContainerCreating/)),
      left: stageOf,
      finds: 'setup-create',
    },
    { stage: 'patch', reached: (run) => run.event(waits('patch', /settings-5$/)), left: stageOf, finds: 'patch' },
    {
      stage: 'stabilize',
      reached: (run) => run.event(({ type, ...event }) => type === 'waiting' && 'stage' in event && event.stage === 'stabilize'),
      left: stageOf,
      finds: 'stabilize',
    },
    { stage: 'run', reached: (run) => run.event(waits('run', /is Running/)), left: stageOf, finds: 'run' },
    {
      stage: 'collect',
      async reached(_run, world) {
        await prometheus.asked('collect');
        // A stage that only reads begins while its beginning is still being written.
        while (stageOf(await world.journal()) !== 'collect') await sleep(50);
      },
      left: stageOf,
      finds: 'collect',
    },
    {
      stage: 'report',
      // The first push goes at once; the second record waits for its time, and the third trial keeps the run from its end.
      values: ['1', '2', '3'],
      flags: ['--push-interval', '10m'],
      reached: (run) => run.event((event) => event.type === 'trial-finished' && event.trial === 'report-002'),
      left: ({ owed }) => owed.map(({ metadata }) => metadata.name).filter((name) => name === 'report-002'),
      finds: ['report-002'],
    },
    {
      stage: 'setup-delete',
      reached: (run) => run.event(waits('setup-delete', /-delete.* is (Pending|Running)|ContainerCreating/)),
      left: ({ active, teardown }) => [active, teardown?.rendered.trial.name],
      finds: [undefined, 'setup-delete-001'],
    },
  ];

  before(async () => {
    cluster = await testCluster('node');
    await cluster.runnerImage();
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    prometheus = await startPrometheus();
    await Promise.all(kills.map(async (kill) => killed.set(kill.stage, await killAndGoOn(kill))));
  });

  after(async () => {
    await Promise.all(worlds.map((world) => world.close()));
    prometheus?.close();
    await connection?.close();
    await cluster?.stop();
  });

  for (const { stage, values = ['2'], left, finds } of kills) {
    const inStage = (): Killed => killed.get(stage) ?? assert.fail(`no runner was killed in ${stage}`);

    describe(`in ${stage}`, () => {
      if (left !== undefined) {
        it('leaves in the journal where it was', () => {
          assert.deepEqual(left(inStage().journal), finds);
        });
      }

      it('is followed by a run that records every trial once', () => {
        const { end, records } = inStage();

        assert.equal(end.exitCode, 0, end.stdout + end.stderr);
        assert.deepEqual(
          phasesOf(records),
          values.map((_, index) => `${stage}-00${index + 1} Completed`),
        );
      });

      it('and runs no Job twice', () => {
        const { jobs } = inStage();

        for (const [index] of values.entries()) {
          assert.equal(jobs.get(`${stage}-00${index + 1}`)?.length, 1);
          assert.equal(jobs.get(`${stage}-00${index + 1}-create`)?.length, 1);
          assert.equal(jobs.get(`${stage}-00${index + 1}-delete`)?.length, 1);
        }
      });

      it('and leaves the slot clean', async () => {
        const { world, records } = inStage();

        await world.assertClean();
        for (const { status } of records) assert.equal(status.setupDeletion, undefined);
      });
    });
  }

  it("has its Job adopted: the record's times are the container's", () => {
    const { pods, records } = killed.get('run')!;
    const [status] = pods.flatMap((pod) => pod.status.containerStatuses);

    assert.equal(Date.parse(records[0]!.status.startTime!), Date.parse(status.state.running.startedAt));
    assert.equal(status.ready, true);
  });

  it('has what it measured, patched and set up taken over, not done again', () => {
    const { end, records } = killed.get('collect')!;
    const stages = end.events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []));

    assert.deepEqual(stages, ['collect', 'setup-delete']);
    assert.deepEqual(
      records[0]!.status.stages.map((timing) => timing.stage),
      ['create-trial', 'setup-create', 'patch', 'stabilize', 'run', 'collect'],
    );
    assert.equal(records[0]!.status.patches.filter(({ effect }) => effect === 'changed').length, CONFIG_MAPS + 1);
  });

  it('has the record pushed that it had not, as it had written it', () => {
    const { journal, recordsBefore, records } = killed.get('report')!;
    const { setupDeletion: _now, ...pushed } = records[1]!.status;
    const { setupDeletion: _then, ...owed } = journal.owed.find(({ metadata }) => metadata.name === 'report-002')!.status;

    assert.deepEqual(
      recordsBefore.map(({ metadata }) => metadata.name),
      ['report-001'],
    );
    assert.deepEqual(pushed, owed);
  });

  async function killAndGoOn({ stage, values = ['2'], flags = [], reached }: Kill): Promise<Killed> {
    const experiment = experimentOf(stage, { values, spec: everyStage(stage), template: setup() });
    const world = await openWorld([experiment], [`killed-in-${stage}`], { kubeconfig: cluster.kubeconfig, cluster: connection.cluster }, [
      ...settings(),
      deployment(),
    ]);
    worlds.push(world);
    const first = world.start(...flags);
    await reached(first, world);
    first.child.kill('SIGKILL');
    await first.ended;
    prometheus.answer(stage);
    const journal = await world.journal();
    const pods = await world.pods(`${stage}-001`);
    const recordsBefore = await world.records();
    const end = await world.start().ended;
    return { world, journal, pods, recordsBefore, end, records: await world.records(), jobs: await world.jobs() };
  }

  function everyStage(stage: string): JsonObject {
    return {
      patches: [
        ...settings().map(({ metadata }) => ({
          targetRef: { apiVersion: 'v1', kind: 'ConfigMap', name: (metadata as KubeObject['metadata']).name },
          type: 'merge',
          patch: 'data: {value: "{{values.value}}"}',
        })),
        {
          targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          patch: 'spec: {template: {metadata: {annotations: {value: "{{values.value}}"}}}}',
        },
      ],
      metrics: [{ name: 'up', type: 'prometheus', url: `${prometheus.url}/${stage}`, query: 'up', scrapeCheck: 'none' }],
    };
  }
});

function stageOf({ active }: Journal): string | undefined {
  return active?.stage;
}

function waits(stage: string, message: RegExp): (event: TimedEvent) => boolean {
  return (event) => event.type === 'waiting' && event.stage === stage && message.test(event.message);
}

/** A setup task that takes its time in both directions. */
function setup(): JsonObject {
  return { setupTasks: [{ name: 'seed', image: 'local/fieldtrial:test', command: ['sleep'], args: ['2'] }] };
}

/** As many as take a while to patch. */
function settings(): JsonObject[] {
  return Array.from({ length: CONFIG_MAPS }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `settings-${index + 1}` },
    data: { value: '0' },
  }));
}

/** A rollout of it takes some seconds. */
function deployment(): JsonObject {
  const labels = { app: 'web' };
  const app = { name: 'app', image: 'busybox:latest', imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      minReadySeconds: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [app] } },
    },
  };
}

type SlowPrometheus = {
  url: string;
  /** Resolves when somebody asks below this path. */
  asked(path: string): Promise<void>;
  /** From now on questions below this path are answered; those asked before never are. */
  answer(path: string): void;
  close(): void;
};

/** A server that answers 1 to every query, once it may. */
async function startPrometheus(): Promise<SlowPrometheus> {
  const open = new Set<string>();
  const questions = new Map<string, PromiseWithResolvers<void>>();
  const asked = (path: string) => {
    const question = questions.get(path) ?? Promise.withResolvers<void>();
    questions.set(path, question);
    return question;
  };
  const server: Server = createServer((request, response) => {
    const [, path = ''] = (request.url ?? '').split('/');
    asked(path).resolve();
    // Only one runner is to be killed while it asks.
    if (path === 'collect' && !open.has(path)) return;
    const result = [{ metric: {}, value: [Date.now() / 1000, '1'] }];
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (path) => asked(path).promise,
    answer: (path) => void open.add(path),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
