import assert from 'node:assert/strict';
import { createFindResource } from '../../../runner/cluster/kinds.ts';
import type { RenderedPatch, RenderedTrial } from '../../../runner/model/trial.ts';
import { requiredAccess } from '../../../runner/slots/required-access.ts';
import { aMetric } from '../../support/builders.ts';
import { aRenderedTrial } from '../../support/trials.ts';

const { signal } = new AbortController();

type Discover = Parameters<typeof createFindResource>[0];

describe('the access that a trial needs in its slot', () => {
  const access = (fields: Partial<RenderedTrial>, discover: Discover = () => assert.fail('asked')) =>
    requiredAccess(aRenderedTrial(fields), createFindResource(discover), signal);

  const verbs = async (fields: Partial<RenderedTrial>, resource: string, discover?: Discover) =>
    (await access(fields, discover)).rules.flatMap((rule) => (`${rule.apiGroup}/${rule.resource}` === resource ? [rule.verb] : []));

  it('holds the Lease, runs the Job and reads its pods', async () => {
    assert.deepEqual(await verbs({}, 'coordination.k8s.io/leases'), ['get', 'create', 'update']);
    assert.deepEqual(await verbs({}, 'batch/jobs'), ['get', 'create', 'delete', 'list', 'watch']);
    assert.deepEqual(await verbs({}, '/pods/log'), ['get']);
  });

  it('patches and watches what is patched', async () => {
    const patches = [aPatch('apps/v1', 'Deployment', { spec: {} })];

    assert.deepEqual(await verbs({ patches }, 'apps/deployments'), ['get', 'patch', 'list', 'watch']);
    assert.deepEqual(await verbs({ patches }, 'apps/replicasets'), ['list']);
  });

  it('only waits for the target of a patch that rendered to nothing', async () => {
    assert.deepEqual(await verbs({ patches: [aPatch('apps/v1', 'StatefulSet', undefined)] }, 'apps/statefulsets'), ['list', 'watch']);
  });

  it('does not wait for a ConfigMap', async () => {
    assert.deepEqual(await verbs({ patches: [aPatch('v1', 'ConfigMap', { data: {} })] }, '/configmaps'), ['get', 'patch']);
  });

  it('waits for what a patch says itself that it waits for, and for nothing where it says so', async () => {
    const claim = { ...aPatch('v1', 'PersistentVolumeClaim', { spec: {} }), readinessGates: [{ conditionType: 'Resized' }] };
    const deployment = { ...aPatch('apps/v1', 'Deployment', { spec: {} }), readinessGates: [] };

    assert.deepEqual(await verbs({ patches: [claim] }, '/persistentvolumeclaims'), ['get', 'patch', 'list', 'watch']);
    assert.deepEqual(await verbs({ patches: [deployment] }, 'apps/deployments'), ['get', 'patch']);
  });

  it('waits for gates', async () => {
    assert.deepEqual(await verbs({ readinessGates: [aGate('apps/v1', 'DaemonSet')] }, 'apps/daemonsets'), ['list', 'watch']);
  });

  it('names custom kinds as the cluster does, and asks for each group once', async () => {
    const asked: string[] = [];
    const discover: Discover = async (apiVersion) => {
      asked.push(apiVersion);
      return { resources: [{ name: 'elasticsearches', kind: 'Elasticsearch', namespaced: true }] };
    };
    const fields = {
      patches: [aPatch('elasticsearch.k8s.elastic.co/v1', 'Elasticsearch', { spec: {} })],
      readinessGates: [aGate('elasticsearch.k8s.elastic.co/v1', 'Elasticsearch')],
    };

    const used = await verbs(fields, 'elasticsearch.k8s.elastic.co/elasticsearches', discover);

    assert.deepEqual(used, ['get', 'patch', 'list', 'watch']);
    assert.deepEqual(asked, ['elasticsearch.k8s.elastic.co/v1']);
  });

  it('wants a custom kind that lies in no namespace in the whole cluster', async () => {
    const discover: Discover = async () => ({ resources: [{ name: 'nodepools', kind: 'NodePool', namespaced: false }] });

    const { rules } = await access({ readinessGates: [aGate('karpenter.sh/v1', 'NodePool')] }, discover);

    const rule = { apiGroup: 'karpenter.sh', resource: 'nodepools', clusterWide: true };
    assert.deepEqual(rules.slice(-2), [
      { ...rule, verb: 'list' },
      { ...rule, verb: 'watch' },
    ]);
  });

  it('guesses apart how a kind is named that the cluster does not know yet, and says why', async () => {
    const { rules, guesses } = await access({ readinessGates: [aGate('cert-manager.io/v1', 'Certificate')] }, async () => undefined);

    const rule = { apiGroup: 'cert-manager.io', resource: 'certificates' };
    assert.deepEqual(guesses, [
      {
        rules: [
          { ...rule, verb: 'list' },
          { ...rule, verb: 'watch' },
        ],
        why: 'the cluster has no cert-manager.io/v1, so no kind Certificate of it; is its CustomResourceDefinition installed?',
      },
    ]);
    assert.deepEqual(
      rules.filter(({ apiGroup }) => apiGroup === 'cert-manager.io'),
      [],
    );
  });

  it('writes the ConfigMap of setup tasks where there is one', async () => {
    const setup = { configMaps: [{ kind: 'ConfigMap' }], create: {}, delete: {}, hosts: [] };

    assert.deepEqual(await verbs({ setup }, '/configmaps'), ['get', 'create', 'delete']);
    assert.deepEqual(await verbs({ setup: { ...setup, configMaps: [] } }, '/configmaps'), []);
  });

  it("writes the ConfigMap of the repository's files, and looks whether those are there that setup tasks mount", async () => {
    const create = { spec: { template: { spec: { volumes: [{ name: 'values', configMap: { name: 'tuning' } }] } } } };

    assert.deepEqual(await verbs({ files: { kind: 'ConfigMap' } }, '/configmaps'), ['get', 'create', 'delete']);
    assert.deepEqual(await verbs({ setup: { configMaps: [], create, delete: {}, hosts: [] } }, '/configmaps'), ['get']);
  });

  it('reads the target of a metric by name or as a list', async () => {
    const metric = (target: object) => [{ ...aMetric('cost'), target }] as RenderedTrial['metrics'];

    assert.deepEqual(await verbs({ metrics: metric({ apiVersion: 'v1', kind: 'Service', name: 'web' }) }, '/services'), ['get']);
    assert.deepEqual(await verbs({ metrics: metric({ apiVersion: 'apps/v1', kind: 'DeploymentList' }) }, 'apps/deployments'), ['list']);
  });

  it('reads what metrics-server serves by the names that this has there', async () => {
    const metric = (kind: string) =>
      [{ ...aMetric('cpu'), target: { apiVersion: 'metrics.k8s.io/v1beta1', kind } }] as RenderedTrial['metrics'];

    assert.deepEqual(await verbs({ metrics: metric('PodMetricsList') }, 'metrics.k8s.io/pods'), ['list']);
    assert.deepEqual((await access({ metrics: metric('NodeMetricsList') })).rules.at(-1), {
      apiGroup: 'metrics.k8s.io',
      resource: 'nodes',
      verb: 'list',
      clusterWide: true,
    });
  });

  it('names each rule once', async () => {
    const patches = [aPatch('apps/v1', 'Deployment', { spec: {} }), aPatch('apps/v1', 'Deployment', { spec: {} })];

    const rules = (await access({ patches })).rules.map((rule) => JSON.stringify(rule));

    assert.equal(new Set(rules).size, rules.length);
  });
});

function aPatch(apiVersion: string, kind: string, body: unknown): RenderedPatch {
  return { index: 0, target: { apiVersion, kind, name: 'web' }, type: 'strategic', body };
}

function aGate(apiVersion: string, kind: string): RenderedTrial['readinessGates'][number] {
  return {
    apiVersion,
    kind,
    name: 'web',
    conditionTypes: ['Ready'],
    initialDelay: 0,
  };
}
