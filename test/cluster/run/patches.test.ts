import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject, ObjectRef } from '../../../runner/cluster/port.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { fromYaml } from '../../support/from-yaml.ts';
import type { FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { testCluster, type TestCluster } from '../harness/cluster.ts';
import { definitionOf, trialJob } from './failing-experiments.ts';
import { limit, openWorld, phasesOf, type World } from './world.ts';

const BUILD = join(import.meta.dirname, '..', 'harness', 'build.sh');
const WEB = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const DATABASE = { apiVersion: 'tests.fieldtrial.dev/v1', kind: 'Database', name: 'main' };
const SCALED = { targetRef: WEB, patch: 'spec: {replicas: {{values.value}} }' };
const MODE = {
  targetRef: WEB,
  patch: 'spec: {template: {spec: {containers: [{name: app, env: [{name: MODE, value: "{{values.value}}"}]}]}}}',
};

const runFor = (seconds: number) => trialJob({ args: [`exec sleep ${seconds}`] });

/** The trial of a parameter's only value would be the baseline, without which an experiment ends. */
const ONE = { source: 'grid', budget: 1 };

/** Each in a slot of its own, called like it. */
const EXPERIMENTS = [
  {
    name: 'own-job',
    values: ['7'],
    spec: {
      metrics: [{ name: 'said', type: 'logs', query: 'n is (\\d+)' }],
      trialTemplate: trialJob({ args: ['echo "n is $N"'] }),
      patches: [
        {
          targetRef: { apiVersion: 'batch/v1', kind: 'Job' },
          patch: 'spec: {template: {spec: {containers: [{name: load, env: [{name: N, value: "{{values.value}}"}]}]}}}',
        },
      ],
    },
  },
  {
    name: 'custom',
    values: ['3'],
    spec: { patches: [{ type: 'merge', targetRef: DATABASE, patch: 'spec: {size: {{values.value}} }' }], trialTemplate: runFor(1) },
  },
  // The autoscaler looks every 15 s, and sooner on a cluster of this test's own.
  { name: 'autoscaled', values: ['1', '3'], spec: { suggest: ONE, patches: [SCALED], trialTemplate: runFor(18) } },
  { name: 'healed', values: ['2', '3'], spec: { suggest: ONE, patches: [SCALED], trialTemplate: runFor(8) } },
  { name: 'back-after-trial', values: ['a', 'b'], spec: { patches: [MODE], restore: 'trial', trialTemplate: runFor(1) } },
  { name: 'back-after-run', values: ['a', 'b'], spec: { patches: [MODE], restore: 'run', trialTemplate: runFor(1) } },
] satisfies { name: string; values: string[]; spec: JsonObject }[];

const SLOTS = EXPERIMENTS.map(({ name }) => name) as [string, ...string[]];

describe('patches on a real cluster', function () {
  this.timeout('5m');

  let cluster: TestCluster;
  let connection: Connection;
  let world: World;
  let end: FieldtrialEnd;

  before(async () => {
    cluster = await testCluster('node', { controllerManagerFlags: ['--horizontal-pod-autoscaler-sync-period=2s'] });
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    await defineDatabases();
    world = await openWorld(
      EXPERIMENTS.map((each) => definitionOf(each, each.name)),
      SLOTS,
      { kubeconfig: cluster.kubeconfig, cluster: connection.cluster },
      [deployment()],
    );
    await create(fromYaml('{apiVersion: tests.fieldtrial.dev/v1, kind: Database, metadata: {name: main}, spec: {size: 1}}'), 'custom');
    await create(autoscaler(), 'autoscaled');
    const run = world.start();
    const others = Promise.all([resize(), heal()]);
    // A run that ends early has more to say than whoever waits for something in it.
    others.catch(() => undefined);
    end = await run.ended;
    assert.equal(end.exitCode, 0, end.stderr);
    await others;
  });

  after(async () => {
    await world?.close();
    await connection?.cluster.remove(DEFINITION_REF, {}, limit());
    await connection?.close();
    await cluster?.stop();
  });

  it("of the trial's own Job are merged into it: its container sees what was patched", async () => {
    const { status } = await recordOf('own-job');

    assert.deepEqual(
      status.values.map(({ name, value }) => [name, value]),
      [['said', 7]],
    );
    assert.deepEqual(status.patches, [{ target: 'Job own-job-001', type: 'strategic', effect: 'job' }]);
  });

  it('of a custom resource wait until it says of itself that it is ready', async () => {
    const { status } = await recordOf('custom');
    const waited = end.events.flatMap((event) => (event.type === 'waiting' && event.trial === 'custom-001' ? [event.message] : []));

    assert.equal(status.phase, 'Completed');
    assert.ok(waited.includes('Database main: Condition Ready is False: resizing'), waited.join('\n'));
    assert.deepEqual(
      status.patches.map(({ target, effect }) => [target, effect]),
      [['Database main', 'changed']],
    );
  });

  it('that an autoscaler reverts while the trial runs fail it', async () => {
    const { status } = await recordOf('autoscaled');

    assert.deepEqual([status.failure?.stage, status.failure?.reason, status.values], ['collect', 'PatchReverted', []]);
    assert.equal(status.failure?.message, 'Deployment web: spec.replicas is 2, not 1 as patched, by kube-controller-manager (scale)');
  });

  it('that another field manager reverts while the trial runs fail it', async () => {
    const { status } = await recordOf('healed');

    assert.deepEqual([status.failure?.stage, status.failure?.reason], ['collect', 'PatchReverted']);
    assert.equal(status.failure?.message, 'Deployment web: spec.replicas is 1, not 2 as patched, by argocd-controller');
  });

  it('are put back after each trial', async () => {
    assert.deepEqual(await phases('back-after-trial'), ['back-after-trial-001 Completed', 'back-after-trial-002 Completed']);
    assert.deepEqual(putBack('back-after-trial'), Array(2).fill('Deployment web: put back spec.template.spec.containers[app].env'));
    assert.equal(await modeIn('back-after-trial'), undefined);
  });

  it('are put back when the run leaves the slot, with what was there before its first trial', async () => {
    assert.deepEqual(await phases('back-after-run'), ['back-after-run-001 Completed', 'back-after-run-002 Completed']);
    assert.deepEqual(putBack('back-after-run'), ['Deployment web: put back spec.template.spec.containers[app].env']);
    assert.equal(await modeIn('back-after-run'), undefined);
  });

  it('stay where no experiment asks for them to be put back', async () => {
    const { spec } = (await connection.cluster.read({ ...DATABASE, namespace: 'custom' }, limit()))!;

    assert.equal(spec.size, 3);
  });

  it('leave nothing behind in the journals', async () => {
    await world.assertClean();
  });

  async function recordsOf(experiment: string): Promise<TrialRecord[]> {
    return (await world.records()).filter(({ spec }) => spec.experiment === experiment);
  }

  async function recordOf(experiment: string): Promise<TrialRecord> {
    const records = await recordsOf(experiment);
    return records[0] ?? assert.fail(`${experiment} has no record: ${end.stderr}`);
  }

  async function phases(experiment: string): Promise<string[]> {
    return phasesOf(await recordsOf(experiment));
  }

  function putBack(slot: string): string[] {
    const notices = end.events.flatMap((event) => (event.type === 'notice' && event.slot === slot ? [event.message] : []));
    return notices.filter((message) => message.includes('put back'));
  }

  async function modeIn(slot: string): Promise<unknown> {
    const { spec } = (await connection.cluster.read({ ...WEB, namespace: slot }, limit()))!;
    return spec.template.spec.containers[0].env;
  }

  async function create(object: KubeObject, namespace: string): Promise<void> {
    await connection.cluster.create({ ...object, metadata: { ...object.metadata, namespace } }, limit());
  }

  /** Custom resources are served a moment after they are defined. */
  async function defineDatabases(): Promise<void> {
    await connection.cluster.create(DEFINITION, limit());
    const { apiVersion, kind } = DATABASE;
    await until(() =>
      connection.cluster.list({ apiVersion, kind, namespace: 'custom' }, limit()).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ClusterError && error.status === 404) return false;
          throw error;
        },
      ),
    );
  }

  /** What a controller of databases does: it is not ready for a while after its size was changed. */
  async function resize(): Promise<void> {
    const ref = { ...DATABASE, namespace: 'custom', subresource: 'status' } as ObjectRef;
    const say = (observedGeneration: number, status: string, message: string) =>
      connection.cluster.patch(
        ref,
        'merge',
        { status: { observedGeneration, conditions: [{ type: 'Ready', status, message }] } },
        {},
        limit(),
      );
    await say(1, 'True', 'as it was');
    let generation = 1;
    await until(async () => {
      const { metadata } = (await connection.cluster.read({ ...DATABASE, namespace: 'custom' }, limit()))!;
      generation = metadata.generation ?? 1;
      return generation > 1;
    });
    await say(generation, 'False', 'resizing');
    await sleep(1_500);
    await say(generation, 'True', 'resized');
  }

  /** What the self-healing of Argo CD does, while the trial runs. */
  async function heal(): Promise<void> {
    await until(async () => (await world.pods('healed-001')).some(({ status }) => status?.phase === 'Running'));
    const { stdout } = await promisify(execFile)('bash', [BUILD]);
    const kubectl = join(stdout.trim().split('\n').at(-1)!, 'kubectl');
    const patch = ['patch', 'deployment', 'web', '--type', 'merge', '--patch', '{"spec":{"replicas":1}}'];
    const as = ['--kubeconfig', cluster.kubeconfig, '--namespace', 'healed', '--field-manager', 'argocd-controller'];
    await promisify(execFile)(kubectl, [...as, ...patch]);
  }
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + 120_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < late, 'it does not come');
    await sleep(100);
  }
}

function deployment(): KubeObject {
  return fromYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, image: "busybox:latest", imagePullPolicy: IfNotPresent, command: [sleep, "3600"]}]
`);
}

/** Without a metrics server it knows no usage, but it keeps to its least number of replicas. */
function autoscaler(): KubeObject {
  return fromYaml(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
`);
}

const DEFINITION_REF = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'databases.tests.fieldtrial.dev' };

const DEFINITION = fromYaml(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: databases.tests.fieldtrial.dev}
spec:
  group: tests.fieldtrial.dev
  scope: Namespaced
  names: {plural: databases, singular: database, kind: Database}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`);
