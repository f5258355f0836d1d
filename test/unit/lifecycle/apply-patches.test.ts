import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { applyPatches, type RestoreLog } from '../../../runner/lifecycle/apply-patches.ts';
import type { RestorePoint } from '../../../runner/lifecycle/restore-point.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';

const { signal } = new AbortController();
const APP: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'shop-1', generation: 4 },
  spec: { replicas: 1 },
};

function aPatch(fields: Partial<RenderedPatch> = {}): RenderedPatch {
  return {
    index: 0,
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' },
    type: 'merge',
    body: { spec: { replicas: 2 } },
    ...fields,
  };
}

function apply(cluster: ReturnType<typeof fakeCluster>, patches: RenderedPatch[], waiting: (message: string) => void = () => undefined) {
  return applyPatches(patches, 'shop-1', { cluster, waiting }, signal);
}

async function failureOf(cluster: ReturnType<typeof fakeCluster>, patch = aPatch()): Promise<unknown> {
  return apply(cluster, [patch]).then(
    () => assert.fail('nothing failed'),
    (error: unknown) => error,
  );
}

describe('applying patches', () => {
  it('sends them to the slot in order, and says which', async () => {
    const cluster = fakeCluster([APP, { ...APP, metadata: { ...APP.metadata, name: 'db' } }]);
    const said: string[] = [];

    await apply(
      cluster,
      [aPatch(), aPatch({ index: 1, type: 'strategic', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'db' } })],
      (message) => void said.push(message),
    );

    assert.deepEqual(cluster.changes, ['patch Deployment shop-1/app merge', 'patch Deployment shop-1/db strategic']);
    assert.deepEqual(said, ['patching Deployment app', 'patching Deployment db']);
  });

  it('tells what was changed, with the generation to wait for', async () => {
    const applied = await apply(fakeCluster([APP]), [aPatch()]);

    assert.deepEqual(applied, [
      { index: 0, target: 'Deployment app', type: 'merge', effect: 'changed', generation: 5, resourceVersion: '2' },
    ]);
  });

  it('is fine with one that changes nothing', async () => {
    const [applied] = await apply(fakeCluster([APP]), [aPatch({ body: { spec: { replicas: 1 } } })]);

    assert.equal(applied?.effect, 'unchanged');
    assert.equal(applied?.generation, 4);
  });

  it('does not send one that rendered to nothing', async () => {
    const cluster = fakeCluster();

    const applied = await apply(cluster, [aPatch({ body: undefined })]);

    assert.deepEqual(applied, [{ index: 0, target: 'Deployment app', type: 'merge', effect: 'empty' }]);
    assert.deepEqual(cluster.changes, []);
  });

  it('fails when the target is missing', async () => {
    const failure = await failureOf(fakeCluster());

    assert.ok(failure instanceof StageFailure);
    assert.equal(failure.reason, 'PatchFailed');
    assert.equal(failure.message, 'patches[0]: Deployment app does not exist in namespace shop-1');
  });

  it("fails with the API server's own words when it refuses", async () => {
    const cluster = fakeCluster([APP]);
    const refused = new ClusterError(422, 'Invalid', 'spec.replicas: Invalid value: -1');
    cluster.refuse('patch', refused);

    const failure = await failureOf(cluster, aPatch({ index: 3 }));

    assert.ok(failure instanceof StageFailure);
    assert.equal(failure.reason, 'PatchFailed');
    assert.equal(failure.message, 'patches[3]: Deployment app: spec.replicas: Invalid value: -1');
    assert.deepEqual(failure.evidence, { refused: 'spec.replicas: Invalid value: -1' });
    assert.equal(failure.cause, refused);
  });

  it('sends none again after a runner ended in the midst of them, when one is a JSON patch', async () => {
    const cluster = fakeCluster([APP]);
    const json = aPatch({ index: 1, type: 'json', body: [{ op: 'replace', path: '/spec/replicas', value: 2 }] });

    const failure = await applyPatches([aPatch(), json], 'shop-1', { cluster, waiting: () => undefined, resumed: true }, signal).then(
      () => assert.fail('nothing failed'),
      (error: unknown) => error,
    );

    assert.ok(failure instanceof StageFailure);
    assert.deepEqual([failure.reason, failure.infrastructure], ['Interrupted', true]);
    assert.match(failure.message, /^patches\[1\]: the runner ended while patches were sent, and a JSON patch of Deployment app /);
    assert.deepEqual(cluster.changes, []);
  });

  it('leaves the judgement over an API server that is away to the stage', async () => {
    const cluster = fakeCluster([APP]);
    const away = new ClusterError(503, 'ServiceUnavailable', 'etcd is away');
    cluster.refuse('patch', away);

    assert.equal(await failureOf(cluster), away);
  });
});

describe('applying patches that are put back later', () => {
  /** What is in the log before each change of the cluster. */
  function restoring(cluster: ReturnType<typeof fakeCluster>, known: RestorePoint[] = []) {
    let points: readonly RestorePoint[] = known;
    const log: RestoreLog = {
      points: () => points,
      async remember(next) {
        points = next;
        cluster.changes.push(`remember ${next.flatMap(({ fields }) => fields.map(({ before }) => JSON.stringify(before))).join()}`);
      },
    };
    return { until: 'run', log } as const;
  }

  it('remembers what was there before it changes it, told by a dry run', async () => {
    const cluster = fakeCluster([APP]);

    await applyPatches([aPatch()], 'shop-1', { cluster, waiting: () => undefined, restoring: restoring(cluster) }, signal);

    assert.deepEqual(cluster.changes, ['patch Deployment shop-1/app merge dry', 'remember 1', 'patch Deployment shop-1/app merge']);
  });

  it('writes nothing down when there is nothing new to remember', async () => {
    const cluster = fakeCluster([APP]);
    const deps = { cluster, waiting: () => undefined, restoring: restoring(cluster) };

    await applyPatches([aPatch({ body: { spec: { replicas: 1 } } })], 'shop-1', deps, signal);
    await applyPatches([aPatch()], 'shop-1', deps, signal);
    await applyPatches([aPatch()], 'shop-1', deps, signal);

    assert.deepEqual(
      cluster.changes.filter((change) => change.startsWith('remember')),
      ['remember 1'],
    );
  });

  it('fails before it changes anything that the journal could not hold', async () => {
    const settings: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop-1' },
      data: { file: 'x'.repeat(70_000) },
    };
    const cluster = fakeCluster([settings]);
    const patch = aPatch({ target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' }, body: { data: { file: 'y' } } });

    await assert.rejects(
      applyPatches([patch], 'shop-1', { cluster, waiting: () => undefined, restoring: restoring(cluster) }, signal),
      /patches\[0\]: what is to be put back has \d+ characters, of which the journal holds 65536; patch less of ConfigMap settings/,
    );
    assert.deepEqual(cluster.changes, ['patch ConfigMap shop-1/settings merge dry']);
  });

  it('fails where the server allows no dry run, with its words', async () => {
    const cluster = fakeCluster([APP]);
    cluster.refuse('patch', new ClusterError(400, 'BadRequest', 'admission webhook "a" does not support dry run'));

    await assert.rejects(
      applyPatches([aPatch()], 'shop-1', { cluster, waiting: () => undefined, restoring: restoring(cluster) }, signal),
      /patches\[0\]: Deployment app: admission webhook "a" does not support dry run/,
    );
  });
});
