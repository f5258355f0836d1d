import assert from 'node:assert/strict';
import type { RenderedPatch, RenderedTrial } from '../../../runner/model/trial.ts';
import { requiredAccess } from '../../../runner/slots/required-access.ts';
import { aMetric } from '../../support/builders.ts';
import { aRenderedTrial } from '../../support/trials.ts';

describe('the access that a trial needs in its slot', () => {
  const verbs = (fields: Partial<RenderedTrial>, resource: string) =>
    requiredAccess(aRenderedTrial(fields)).flatMap((rule) => (`${rule.apiGroup}/${rule.resource}` === resource ? [rule.verb] : []));

  it('holds the Lease, runs the Job and reads its pods', () => {
    assert.deepEqual(verbs({}, 'coordination.k8s.io/leases'), ['get', 'create', 'update']);
    assert.deepEqual(verbs({}, 'batch/jobs'), ['get', 'create', 'delete', 'list', 'watch']);
    assert.deepEqual(verbs({}, '/pods/log'), ['get']);
  });

  it('patches and watches what is patched', () => {
    const patches = [aPatch('apps/v1', 'Deployment', { spec: {} })];

    assert.deepEqual(verbs({ patches }, 'apps/deployments'), ['get', 'patch', 'list', 'watch']);
    assert.deepEqual(verbs({ patches }, 'apps/replicasets'), ['list']);
  });

  it('only waits for the target of a patch that rendered to nothing', () => {
    assert.deepEqual(verbs({ patches: [aPatch('apps/v1', 'StatefulSet', undefined)] }, 'apps/statefulsets'), ['list', 'watch']);
  });

  it('does not wait for a ConfigMap', () => {
    assert.deepEqual(verbs({ patches: [aPatch('v1', 'ConfigMap', { data: {} })] }, '/configmaps'), ['get', 'patch']);
  });

  it('waits for gates', () => {
    const readinessGates = [
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name: 'web', conditionTypes: ['Ready'], initialDelay: 0 },
    ] as unknown as RenderedTrial['readinessGates'];

    assert.deepEqual(verbs({ readinessGates }, 'cert-manager.io/certificates'), ['list', 'watch']);
  });

  it('writes the ConfigMap of setup tasks where there is one', () => {
    const setup = { configMaps: [{ kind: 'ConfigMap' }], create: {}, delete: {}, hosts: [] };

    assert.deepEqual(verbs({ setup }, '/configmaps'), ['get', 'create', 'delete']);
    assert.deepEqual(verbs({ setup: { ...setup, configMaps: [] } }, '/configmaps'), []);
  });

  it("writes the ConfigMap of the repository's files, and looks whether those are there that setup tasks mount", () => {
    const create = { spec: { template: { spec: { volumes: [{ name: 'values', configMap: { name: 'tuning' } }] } } } };

    assert.deepEqual(verbs({ files: { kind: 'ConfigMap' } }, '/configmaps'), ['get', 'create', 'delete']);
    assert.deepEqual(verbs({ setup: { configMaps: [], create, delete: {}, hosts: [] } }, '/configmaps'), ['get']);
  });

  it('reads the target of a metric by name or as a list', () => {
    const metric = (target: object) => [{ ...aMetric('cost'), target }] as RenderedTrial['metrics'];

    assert.deepEqual(verbs({ metrics: metric({ apiVersion: 'v1', kind: 'Service', name: 'web' }) }, '/services'), ['get']);
    assert.deepEqual(verbs({ metrics: metric({ apiVersion: 'apps/v1', kind: 'DeploymentList' }) }, 'apps/deployments'), ['list']);
  });

  it('reads what metrics-server serves by the names that this has there', () => {
    const metric = (kind: string) =>
      [{ ...aMetric('cpu'), target: { apiVersion: 'metrics.k8s.io/v1beta1', kind } }] as RenderedTrial['metrics'];

    assert.deepEqual(verbs({ metrics: metric('PodMetricsList') }, 'metrics.k8s.io/pods'), ['list']);
    assert.deepEqual(requiredAccess(aRenderedTrial({ metrics: metric('NodeMetricsList') })).at(-1), {
      apiGroup: 'metrics.k8s.io',
      resource: 'nodes',
      verb: 'list',
      clusterWide: true,
    });
  });

  it('names each rule once', () => {
    const patches = [aPatch('apps/v1', 'Deployment', { spec: {} }), aPatch('apps/v1', 'Deployment', { spec: {} })];

    const rules = requiredAccess(aRenderedTrial({ patches })).map((rule) => JSON.stringify(rule));

    assert.equal(new Set(rules).size, rules.length);
  });
});

function aPatch(apiVersion: string, kind: string, body: unknown): RenderedPatch {
  return { index: 0, target: { apiVersion, kind, name: 'web' }, type: 'strategic', body };
}
