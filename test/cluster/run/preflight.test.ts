import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { aRepository } from '../../support/definitions.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';

const ACCOUNT = { kind: 'ServiceAccount', name: 'runner', namespace: 'fieldtrial' };

describe('the preflight on a real cluster', function () {
  this.timeout('5m');

  const { signal } = new AbortController();
  let cluster: TestCluster;
  let admin: Connection;
  let remote: Remote;
  let kubeconfig: string;

  before(async () => {
    cluster = await startCluster('control-plane');
    admin = await connectCluster({ kubeconfig: cluster.kubeconfig });
    remote = await createRemote(aRepository());
    kubeconfig = join(remote.scratch, 'kubeconfig');
    for (const name of ['fieldtrial', 'shop-1', 'shop-2'])
      await admin.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, signal);
    const { name, namespace } = ACCOUNT;
    await admin.cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }, signal);
    await writeFile(kubeconfig, await kubeconfigFor(await tokenOf(admin)));
  });
  after(async () => {
    await remote?.cleanup();
    await admin?.close();
    await cluster?.stop();
  });

  /** Everything that a preflight proves, as a service account that was granted nothing. */
  function run(...slots: string[]): Promise<FieldtrialEnd> {
    return runFieldtrial(['run', remote.path, '--kubeconfig', kubeconfig, '-n', 'fieldtrial', '--slots', slots.join(','), '--dry-run']);
  }

  it('says that a namespace does not exist', async () => {
    const asAdmin = await runFieldtrial(['run', remote.path, '--kubeconfig', cluster.kubeconfig, '--slots', 'shop-9', '--dry-run']);

    assert.equal(asAdmin.exitCode, 4);
    assert.match(asAdmin.stderr, /^preflight failed: namespace "shop-9" does not exist; create it or take it off the list of slots$/m);
  });

  it('lists exactly what is missing as Roles, which cure it when they are applied', async () => {
    const { exitCode, stderr } = await run('shop-1');

    assert.equal(exitCode, 4);
    assert.match(
      stderr,
      /^preflight failed: permissions are missing in fieldtrial, shop-1; apply these Roles with kubectl and run again:$/m,
    );
    const objects = rolesIn(stderr);
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`),
      ['Role fieldtrial', 'RoleBinding fieldtrial', 'Role shop-1', 'RoleBinding shop-1'],
    );
    assert.deepEqual(objects[1]?.['subjects'], [ACCOUNT]);
    assert.deepEqual(objects[0]?.['rules'], [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
    ]);

    for (const object of objects) await admin.cluster.apply(object, signal);
    const cured = await run('shop-1');

    assert.equal(cured.exitCode, 0, cured.stderr);
    assert.match(cured.stderr, /dry run: nothing was changed; sizing would run in shop-1$/m);
  });

  it('names the rest when something was granted already', async () => {
    const role = await readRole();
    const rules = role['rules'].filter(({ apiGroups }: { apiGroups: string[] }) => !apiGroups.includes('apps'));
    await admin.cluster.replace({ ...role, rules }, signal);

    const { exitCode, stderr } = await run('shop-1');

    assert.equal(exitCode, 4);
    const [missing] = rolesIn(stderr);
    assert.deepEqual(
      missing?.['rules'].flatMap(({ apiGroups }: { apiGroups: string[] }) => apiGroups),
      ['apps', 'apps'],
    );
    await admin.cluster.replace({ ...(await readRole()), rules: role['rules'] }, signal);
  });

  it('leaves a slot out that grants nothing, would run in the other, and lists what is missing', async () => {
    const { exitCode, stderr } = await run('shop-1', 'shop-2');

    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, /\[shop-2\] slot is left out: MissingPermissions: permissions are missing: .*jobs\.batch/);
    assert.match(stderr, /sizing would run in shop-1$/m);
    assert.deepEqual(
      rolesIn(stderr).map(({ kind, metadata }) => `${kind} ${metadata.namespace}`),
      ['Role shop-2', 'RoleBinding shop-2'],
    );
  });

  it('wants a ClusterRole for what lies in no namespace, which cures it when it is applied', async () => {
    const metric = `- {name: cpu, target: {apiVersion: metrics.k8s.io/v1beta1, kind: NodeMetricsList}, query: '1'}`;
    const nodes = await createRemote(aRepository((text) => text.replace('  metrics:', `  metrics:\n    ${metric}`)));
    const runOnNodes = () =>
      runFieldtrial(['run', nodes.path, '--kubeconfig', kubeconfig, '-n', 'fieldtrial', '--slots', 'shop-1', '--dry-run']);

    const { exitCode, stderr } = await runOnNodes();

    assert.equal(exitCode, 4);
    const objects = rolesIn(stderr);
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['ClusterRole fieldtrial-additional-shop-1', 'ClusterRoleBinding fieldtrial-additional-shop-1'],
    );
    assert.deepEqual(objects[0]?.['rules'], [{ apiGroups: ['metrics.k8s.io'], resources: ['nodes'], verbs: ['list'] }]);

    for (const object of objects) await admin.cluster.apply(object, signal);
    const cured = await runOnNodes();
    await nodes.cleanup();

    assert.equal(cured.exitCode, 0, cured.stderr);
  });

  async function readRole(): Promise<KubeObject> {
    return (await admin.cluster.read(
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', name: 'fieldtrial-additional', namespace: 'shop-1' },
      signal,
    ))!;
  }

  /** The administrator's kubeconfig with a token in the place of its user. */
  async function kubeconfigFor(token: string): Promise<string> {
    const config = load(await readFile(cluster.kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
    return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
  }
});

function rolesIn(stderr: string): KubeObject[] {
  const begin = stderr.indexOf('run again:\n') + 'run again:\n'.length;
  return loadAll(stderr.slice(begin)) as KubeObject[];
}

/** A token Secret is filled by the controller manager; the TokenRequest subresource is not behind the port. */
async function tokenOf({ cluster }: Connection): Promise<string> {
  const { name, namespace } = ACCOUNT;
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': name } },
    type: 'kubernetes.io/service-account-token',
  };
  const signal = AbortSignal.timeout(30_000);
  await cluster.create(secret, signal);
  for await (const event of cluster.watch(
    { apiVersion: 'v1', kind: 'Secret', namespace, fieldSelector: `metadata.name=${name}` },
    signal,
  )) {
    const token: string | undefined = event.type === 'BOOKMARK' ? undefined : event.object['data']?.token;
    if (token !== undefined) return Buffer.from(token, 'base64').toString();
  }
  throw new Error('the watch ended before the token was there');
}
