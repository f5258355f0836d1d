import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { applyPatches } from '../../../runner/lifecycle/apply-patches.ts';
import { checkDrift } from '../../../runner/lifecycle/check-drift.ts';
import { StageFailure } from '../../../runner/model/errors.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { aRenderedTrial } from '../../support/trials.ts';

const { signal } = new AbortController();
const WEB: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop-1', generation: 4 },
  spec: { replicas: 1 },
};
const SETTINGS: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop-1' },
  data: { pool: '5' },
};

function aPatch(body: unknown, fields: Partial<RenderedPatch> = {}): RenderedPatch {
  return { index: 0, target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, type: 'merge', body, ...fields };
}

function onSettings(body: unknown, fields: Partial<RenderedPatch> = {}): RenderedPatch {
  return aPatch(body, { target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' }, ...fields });
}

/** Patches, lets somebody else write, and looks again. */
async function drift(patches: RenderedPatch[], meanwhile: (cluster: ReturnType<typeof fakeCluster>) => void, objects = [WEB, SETTINGS]) {
  const cluster = fakeCluster(objects);
  const applied = await applyPatches(patches, 'shop-1', { cluster, waiting: () => undefined }, signal);
  meanwhile(cluster);
  const before = cluster.changes.length;
  const events: RunEvent[] = [];
  const failure = await checkDrift(
    aRenderedTrial({ patches }),
    applied,
    { cluster, emit: (event) => void events.push(event) },
    signal,
  ).then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof StageFailure);
      return error;
    },
  );
  return { failure, asked: cluster.changes.slice(before), events };
}

/** Somebody else gives an object these fields, and the server notes who. */
function written(object: KubeObject, fields: object, manager: string, fieldsV1: object, subresource?: string): KubeObject {
  const entry = { manager, operation: 'Update', time: '2026-01-01T10:01:00Z', fieldsV1, ...(subresource && { subresource }) };
  const { generation, ...metadata } = object.metadata;
  return {
    ...object,
    ...fields,
    metadata: { ...metadata, ...(generation !== undefined && { generation: generation + 1 }), managedFields: [entry] },
  };
}

const scaled = (cluster: ReturnType<typeof fakeCluster>) =>
  cluster.put(
    written(
      cluster.get('Deployment', 'web')!,
      { spec: { replicas: 3 } },
      'kube-controller-manager',
      { 'f:spec': { 'f:replicas': {} } },
      'scale',
    ),
  );

describe('the check of what was patched', () => {
  it('is content with one read while nobody has written', async () => {
    const { failure, asked } = await drift(
      [aPatch({ spec: { replicas: 2 } }), onSettings({ data: { pool: '9' } }, { index: 1 })],
      () => undefined,
    );

    assert.equal(failure, undefined);
    assert.deepEqual(asked, []);
  });

  it('is content as well when only the status was written', async () => {
    const { failure, asked } = await drift([aPatch({ spec: { replicas: 2 } })], (cluster) => {
      cluster.put({ ...cluster.get('Deployment', 'web')!, status: { replicas: 2 } });
    });

    assert.equal(failure, undefined);
    assert.deepEqual(asked, []);
  });

  it('names the field and who gave it another value', async () => {
    const { failure, asked } = await drift([aPatch({ spec: { replicas: 2 } })], scaled);

    assert.deepEqual([failure?.stage, failure?.reason, failure?.infrastructure], ['collect', 'PatchReverted', false]);
    assert.equal(failure?.message, 'Deployment web: spec.replicas is 3, not 2 as patched, by kube-controller-manager (scale)');
    assert.deepEqual(asked, ['patch Deployment shop-1/web merge dry']);
  });

  it('sees also what a patch found as it wanted it, and somebody changed later', async () => {
    const { failure } = await drift([aPatch({ spec: { replicas: 1 } })], scaled);

    assert.match(failure?.message ?? '', /spec\.replicas is 3, not 1 as patched/);
  });

  it('does not mind a change of what no patch is about', async () => {
    const { failure, asked } = await drift([onSettings({ data: { pool: '9' } })], (cluster) => {
      cluster.put(written(cluster.get('ConfigMap', 'settings')!, { data: { pool: '9', other: 'x' } }, 'kubectl', {}));
    });

    assert.equal(failure, undefined);
    assert.equal(asked.length, 1);
  });

  it('names whoever wrote last for a field that is gone', async () => {
    const { failure } = await drift([onSettings({ data: { pool: '9' } })], (cluster) => {
      cluster.put(written(cluster.get('ConfigMap', 'settings')!, { data: {} }, 'argocd-controller', { 'f:metadata': {} }));
    });

    assert.equal(failure?.message, 'ConfigMap settings: data.pool is gone, by argocd-controller');
  });

  it('does not tell what a Secret holds', async () => {
    const secret = { ...SETTINGS, kind: 'Secret' };
    const target = { apiVersion: 'v1', kind: 'Secret', name: 'settings' };
    const { failure } = await drift(
      [onSettings({ data: { pool: 'OQ==' } }, { target })],
      (cluster) =>
        cluster.put(written(cluster.get('Secret', 'settings')!, { data: { pool: 'Mw==' } }, 'vault', { 'f:data': { 'f:pool': {} } })),
      [secret],
    );

    assert.equal(failure?.message, 'Secret settings: data.pool is another, by vault');
  });

  it('knows an object that was deleted', async () => {
    const { failure } = await drift([onSettings({ data: { pool: '9' } })], (cluster) => cluster.delete('ConfigMap', 'settings'));

    assert.equal(failure?.message, 'ConfigMap settings does not exist any more');
  });

  it('takes a later patch of our own for no drift', async () => {
    const ours = { 'f:spec': { 'f:replicas': {} } };
    const { failure } = await drift([aPatch({ spec: { replicas: 2 } }), aPatch({ spec: { replicas: 3 } }, { index: 1 })], (cluster) =>
      cluster.put(written(cluster.get('Deployment', 'web')!, {}, 'fieldtrial', ours)),
    );

    assert.equal(failure, undefined);
  });

  it('compares what a JSON patch set, instead of sending it again', async () => {
    const operations = [
      { op: 'test', path: '/data/pool', value: '5' },
      { op: 'replace', path: '/data/pool', value: '9' },
    ];
    const patch = onSettings(operations, { type: 'json' });
    const cluster = fakeCluster([{ ...SETTINGS, data: { pool: '3' } }]);
    const applied = [
      {
        index: 0,
        target: 'ConfigMap settings',
        type: 'json',
        effect: 'changed',
        resourceVersion: '0',
        fields: [{ path: ['data', 'pool'], after: 'of 9' }],
      } as const,
    ];

    await assert.rejects(
      checkDrift(aRenderedTrial({ patches: [patch] }), applied as never, { cluster, emit: () => undefined }, signal),
      /ConfigMap settings: data\.pool is "3", by somebody unknown/,
    );
    assert.deepEqual(cluster.changes, []);
  });

  it('lets the numbers count, with a warning, where the server allows no dry run', async () => {
    const { failure, events } = await drift([aPatch({ spec: { replicas: 2 } })], (cluster) => {
      scaled(cluster);
      cluster.refuse('patch', new ClusterError(400, 'BadRequest', 'admission webhook "a" does not support dry run'));
    });

    assert.equal(failure, undefined);
    assert.match(JSON.stringify(events), /nobody knows whether Deployment web still has what was patched: .*does not support dry run/);
  });

  it('leaves an API server that is away to the stage', async () => {
    const cluster = fakeCluster([WEB]);
    const away = new ClusterError(503, 'ServiceUnavailable', 'etcd is away');
    cluster.refuse('read', away);

    await assert.rejects(
      checkDrift(aRenderedTrial({ patches: [aPatch({ spec: {} })] }), [], { cluster, emit: () => undefined }, signal),
      away,
    );
  });
});
