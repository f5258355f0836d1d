import assert from 'node:assert/strict';
import { rm, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { connectCluster, type Connection } from '../../../runner/cluster/connect.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { CHART, helm, helmWith, only, renderChart, VALUES } from '../../support/helm.ts';
import { kubectl } from '../../support/kubectl.ts';
import { createNamespace } from '../../support/slots.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';

/** Everything that the chart can render, besides what the modes differ in. */
const FULL = {
  ...VALUES,
  git: { ...VALUES.git, credentials: { secret: 'git', auth: 'bearer' }, signing: { secret: 'signing' } },
  job: { activeDeadlineSeconds: 86_400 },
  slots: ['shop-1', { name: 'shop-3', create: true }],
  slotDefaults: { resourceQuota: { hard: { pods: '20' } }, networkPolicy: { podSelector: {}, policyTypes: ['Ingress'] } },
  setup: { rules: [{ apiGroups: [''], resources: ['services'], verbs: ['create'] }], imagePullSecrets: ['registry'] },
  access: {
    extraRules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['list'] }],
    extraClusterRules: [{ apiGroups: ['metrics.k8s.io'], resources: ['nodes'], verbs: ['list'] }],
  },
  run: { experiments: ['checkout'], maxTrials: 10, maxDuration: '8h' },
  metrics: { access: { hosts: [] }, secret: 'metrics', keysSecret: 'keys' },
  remote: { url: 'https://api.example.com', secret: 'remote', clientId: 'runner', issuer: 'https://id.example.com' },
  extraCA: { secret: 'ca' },
  proxy: { http: 'http://proxy:3128', https: 'http://proxy:3128' },
  cronjob: { timeZone: 'Europe/Berlin' },
  imagePullSecrets: ['registry'],
  networkPolicy: { enabled: true },
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { pool: 'tools' },
  tolerations: [{ key: 'tools', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  podAnnotations: { note: 'x' },
  extraEnv: [{ name: 'DD_SITE', value: 'datadoghq.eu' }],
};

const MODES: [mode: string, values: object][] = [
  ['cronjob', { mode: 'cronjob' }],
  ['job', { mode: 'job' }],
  ['argocd-hook', { mode: 'argocd-hook', argocd: { files: { checkout: 'a: 1' } } }],
];

describe('an API server takes the chart', function () {
  this.timeout('3m');

  let cluster: TestCluster;
  let connection: Connection;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-test-'));
    cluster = await startCluster('control-plane');
    connection = await connectCluster({ kubeconfig: cluster.kubeconfig });
    await createNamespace(connection.cluster, 'fieldtrial', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    for (const slot of ['shop-1', 'shop-2', 'shop-3']) await createNamespace(connection.cluster, slot);
  });
  after(async () => {
    await connection?.close();
    await cluster?.stop();
    await rm(folder, { recursive: true });
  });

  async function dryRun(objects: readonly KubeObject[]): Promise<string> {
    const file = join(folder, 'objects.yaml');
    await writeFile(file, objects.map((object) => dump(object)).join('---\n'));
    return kubectl(cluster.kubeconfig, 'create', '--dry-run=server', '--validate=strict', '-f', file);
  }

  for (const [mode, values] of MODES) {
    it(`in mode ${mode}, with every value set and no field that it does not know`, async () => {
      const objects = await renderChart({ ...FULL, ...values });

      // The namespaces are there already: a dry run of theirs would not let it look into them.
      const said = await dryRun(objects.filter(({ kind }) => kind !== 'Namespace' && kind !== 'Pod'));

      assert.equal(said.trim().split('\n').length, objects.filter(({ kind }) => kind !== 'Namespace' && kind !== 'Pod').length);
      assert.match(said, mode === 'job' ? /job\.batch\/fieldtrial-1 created/ : /cronjob\.batch\/fieldtrial created/);
    });
  }

  it('to find slots by selectors', async () => {
    const said = await dryRun(
      await renderChart({ ...VALUES, slots: [], access: { selectors: true, everyNamespace: true } }).then(withoutPods),
    );

    assert.match(said, /clusterrolebinding\.rbac\.authorization\.k8s\.io\/fieldtrial-slot created/);
  });

  it('as a release, whose mode may change, and that leaves the slots where they are', async () => {
    const release = (values: object, ...args: string[]) =>
      helmWith({ ...VALUES, slots: ['shop-1', { name: 'shop-4', create: true }], ...values }, ...args, '--kubeconfig', cluster.kubeconfig);
    const target = ['fieldtrial', CHART, '--namespace', 'fieldtrial'];

    const notes = await release({ cronjob: { suspend: true } }, 'install', ...target);
    await release({ mode: 'job' }, 'upgrade', ...target);
    await helm('uninstall', 'fieldtrial', '--namespace', 'fieldtrial', '--kubeconfig', cluster.kubeconfig);

    assert.match(notes, /Fieldtrial 0\.1\.0 runs the experiments of https:\/\/git\.example\/shop\.git in shop-1, shop-4\./);
    const namespaces = await kubectl(cluster.kubeconfig, 'get', 'namespaces', '--output', 'name');
    assert.match(namespaces, /namespace\/shop-4/);
  });

  it("with pods that the restricted Pod Security standard admits, a helm test's as well", async () => {
    await createAccount();
    const objects = await renderChart({ ...FULL, priorityClassName: '' });
    const { metadata, spec } = only(objects, 'CronJob').spec.jobTemplate.spec.template;
    const runner = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'runner', namespace: 'fieldtrial' }, spec };

    const said = await dryRun([runner, only(objects, 'Pod')]);

    assert.match(said, /pod\/runner created[^]*pod\/fieldtrial-preflight created/);
    // The standard is in force here.
    const { securityContext: _, ...careless } = spec;
    await assert.rejects(dryRun([{ ...runner, spec: careless }]), /violates PodSecurity "restricted:latest"/);
  });

  async function createAccount(): Promise<void> {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'fieldtrial', namespace: 'fieldtrial' } };
    await connection.cluster.apply(account, AbortSignal.timeout(30_000));
  }
});

function withoutPods(objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter(({ kind }) => kind !== 'Pod');
}
