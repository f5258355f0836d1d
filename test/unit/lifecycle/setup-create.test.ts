import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { setupCreate } from '../../../runner/lifecycle/setup-create.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import { mountFiles } from '../../../runner/lifecycle/mount-files.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import type { RenderedSetup } from '../../../runner/model/trial.ts';
import { fakeCluster, failedPod, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { aSetupTask, aTrial, aTrialTemplate } from '../../support/trials.ts';
import { until, whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();

function aSetup(): RenderedSetup {
  const tasks = [aSetupTask({ name: 'db', image: undefined, manifests: ['db.yaml'] }), aSetupTask({ name: 'seed' })];
  return buildSetup(aTrial(), aTrialTemplate({ setupTasks: tasks }), [{ key: 'db.json', text: '{}' }], 'fieldtrial:test')!;
}

function create(cluster: FakeCluster, setup = aSetup(), files?: JsonObject) {
  const clock = manualClock();
  return whileTimePasses(
    setupCreate({ setup, files }, { cluster, clock, unschedulableGrace: 60_000, waiting: () => undefined }, signal),
    clock,
  );
}

async function failureOf(creating: Promise<unknown>): Promise<StageFailure> {
  const error: unknown = await creating.then(
    () => assert.fail('nothing failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StageFailure);
  return error;
}

describe('setup-create', () => {
  it('writes the order before the Job that reads it', async () => {
    const cluster = fakeCluster();

    await create(cluster);

    assert.deepEqual(cluster.changes, ['create ConfigMap shop-1/sizing-001-setup', 'create Job shop-1/sizing-001-create']);
  });

  it('does nothing when every task skips it', async () => {
    const cluster = fakeCluster();

    assert.deepEqual(await create(cluster, { ...aSetup(), create: undefined, configMaps: [] }), { images: [] });
    assert.deepEqual(cluster.changes, []);
  });

  it('writes the order that only the delete Job reads', async () => {
    const cluster = fakeCluster();

    await create(cluster, { ...aSetup(), create: undefined });

    assert.deepEqual(cluster.changes, ['create ConfigMap shop-1/sizing-001-setup']);
  });

  it("writes the repository's files that its tasks mount", async () => {
    const cluster = fakeCluster();
    const { configMap } = mountFiles(aTrial(), []);

    await create(cluster, aSetup(), configMap);

    assert.deepEqual(cluster.changes, [
      'create ConfigMap shop-1/sizing-001-setup',
      'create ConfigMap shop-1/sizing-001-files',
      'create Job shop-1/sizing-001-create',
    ]);
  });

  describe('that mounts a ConfigMap of the slot', () => {
    const mounting = (configMap: object) => {
      const task = aSetupTask({ volumeMounts: [{ name: 'data', mountPath: '/data' }] });
      return buildSetup(
        aTrial(),
        aTrialTemplate({ setupTasks: [task], setupVolumes: [{ name: 'data', configMap }] }),
        [],
        'fieldtrial:test',
      )!;
    };

    it('goes on when it is there', async () => {
      const cluster = fakeCluster([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tuning', namespace: 'shop-1' } }]);

      await create(cluster, mounting({ name: 'tuning' }));

      assert.deepEqual(cluster.changes, ['create Job shop-1/sizing-001-create']);
    });

    it('fails at once when it is missing, instead of waiting for it', async () => {
      const cluster = fakeCluster();

      const { reason, message } = await failureOf(create(cluster, mounting({ name: 'tuning' })));

      assert.deepEqual(
        { reason, message },
        { reason: 'ContainerConfigError', message: 'ConfigMap "tuning" is not in the slot, and the setup mounts it' },
      );
      assert.deepEqual(cluster.changes, []);
    });

    it('goes on without one that is optional', async () => {
      const cluster = fakeCluster();

      await create(cluster, mounting({ name: 'tuning', optional: true }));

      assert.deepEqual(cluster.changes, ['create Job shop-1/sizing-001-create']);
    });
  });

  it('fails at once when a quota refuses its pod, with the words of the refusal', async () => {
    const cluster = fakeCluster([], () => undefined);
    const creating = create(cluster);
    await until(() => cluster.get('Job', 'sizing-001-create') !== undefined, manualClock());
    const message = 'pods "sizing-001-create-x" is forbidden: exceeded quota: slot, requested: pods=1, used: pods=2, limited: pods=2';
    cluster.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'refused', namespace: 'shop-1' },
      reason: 'FailedCreate',
      involvedObject: { uid: cluster.get('Job', 'sizing-001-create')!.metadata.uid },
      message,
    });

    const failure = await failureOf(creating);

    assert.deepEqual({ reason: failure.reason, message: failure.message }, { reason: 'FailedCreate', message });
  });

  it('takes up what it created before a restart', async () => {
    const cluster = fakeCluster();
    await create(cluster);
    const { uid } = cluster.get('Job', 'sizing-001-create')!.metadata;

    await create(cluster);

    assert.equal(cluster.get('Job', 'sizing-001-create')?.metadata.uid, uid);
  });

  it("does not touch somebody else's ConfigMap of that name", async () => {
    const cluster = fakeCluster([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sizing-001-setup', namespace: 'shop-1' } }]);

    assert.equal((await failureOf(create(cluster))).reason, 'SlotDirty');
  });

  it('names the container that failed of several, with the last line of its log', async () => {
    const cluster = fakeCluster([], (job) => {
      const status = failedPod(job) as { containerStatuses: { name: string; state: object }[] };
      const [db, seed] = status.containerStatuses;
      return { ...status, containerStatuses: [{ ...db, state: { terminated: { exitCode: 0 } } }, seed] };
    });
    cluster.logs.set('sizing-001-create-pod/seed', 'seeding\ntable users is locked\n');

    const failure = await failureOf(create(cluster));

    assert.equal(failure.stage, 'setup-create');
    assert.equal(failure.reason, 'SetupJobFailed');
    assert.equal(failure.message, 'container seed exited with code 1: table users is locked');
    assert.deepEqual(
      failure.evidence.containers?.map(({ container }) => container),
      ['seed'],
    );
  });

  it('keeps the reason of what could not start', async () => {
    const cluster = fakeCluster([], (job) => ({
      phase: 'Pending',
      containerStatuses: job.spec.template.spec.containers.map(({ name }: { name: string }) => ({
        name,
        state: { waiting: { reason: 'ErrImagePull', message: 'not found' } },
      })),
    }));

    assert.equal((await failureOf(create(cluster))).reason, 'ImagePullFailed');
  });

  describe('whose order the journal had no room for', () => {
    const cut = (setup: RenderedSetup): RenderedSetup => ({
      ...setup,
      configMaps: setup.configMaps.map(({ data: _data, binaryData: _binary, ...rest }) => ({ ...rest, omitted: true })),
    });

    it('goes on when the order is in the cluster', async () => {
      const setup = aSetup();
      const cluster = fakeCluster([setup.configMaps[0] as KubeObject]);

      await create(cluster, cut(setup));

      assert.deepEqual(cluster.changes, ['create Job shop-1/sizing-001-create']);
    });

    it('was interrupted when it is not: the same assignments are tried again', async () => {
      const failure = await failureOf(create(fakeCluster(), cut(aSetup())));

      assert.equal(failure.reason, 'Interrupted');
      assert.equal(failure.infrastructure, true);
    });
  });
});
