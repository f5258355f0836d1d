import assert from 'node:assert/strict';
import { applyPatches } from '../../../runner/lifecycle/apply-patches.ts';
import { checkDrift } from '../../../runner/lifecycle/check-drift.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';
import { fromYaml } from '../../support/from-yaml.ts';
import { aRenderedTrial } from '../../support/trials.ts';
import { startSlot, type TestSlot } from './start-slot.ts';

const SLOT = 'shop-1';
const WEB = fromYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${SLOT}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: app, image: "app:1", resources: {limits: {cpu: "2"}}}
        - {name: log, image: "log:1"}
`);

function aPatch(body: string, type: RenderedPatch['type'] = 'strategic'): RenderedPatch {
  return { index: 0, target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, type, body: fromYaml(body) };
}

describe('drift on an API server', () => {
  let slot: TestSlot;

  beforeEach(async () => {
    slot = await startSlot(WEB);
  });
  afterEach(() => slot.close());

  /** What the check says once somebody else has written `change` as `manager`. */
  async function drift(patch: RenderedPatch, manager: string, change: object, subresource = ''): Promise<string | undefined> {
    const { cluster } = slot;
    const signal = AbortSignal.timeout(5_000);
    const applied = await applyPatches([patch], SLOT, { cluster, waiting: () => undefined }, signal);
    const url = `${slot.url}/apis/apps/v1/namespaces/${SLOT}/deployments/web${subresource}?fieldManager=${manager}`;
    const headers = { 'content-type': subresource === '' ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json' };
    const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify(change) });
    assert.equal(answer.status, 200, await answer.text());
    return checkDrift(aRenderedTrial({ patches: [patch] }), applied, { cluster, emit: () => undefined }, signal).then(
      () => undefined,
      (error: Error) => error.message,
    );
  }

  const LIMITS = aPatch('spec: {template: {spec: {containers: [{name: app, resources: {limits: {cpu: 1000m}}}]}}}');

  it('names the autoscaler that scales through the subresource', async () => {
    const said = await drift(aPatch('spec: {replicas: 2}'), 'kube-controller-manager', { spec: { replicas: 5 } }, '/scale');

    assert.match(said ?? '', /^Deployment web: spec\.replicas is 5, not 2 as patched, by kube-controller-manager/);
  });

  it('names whoever heals one container back, in the canonical form of its values', async () => {
    const change = { spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { cpu: '2000m' } } }] } } } };

    assert.equal(
      await drift(LIMITS, 'argocd-controller', change),
      'Deployment web: spec.template.spec.containers[app].resources.limits.cpu is "2", not "1" as patched, by argocd-controller',
    );
  });

  it('does not mind what another manager does to another container', async () => {
    const change = { spec: { template: { spec: { containers: [{ name: 'log', image: 'log:2' }] } } } };

    assert.equal(await drift(LIMITS, 'argocd-controller', change), undefined);
  });

  it('compares what a JSON patch set, which would not apply twice', async () => {
    const patch = aPatch(
      '[{op: test, path: /spec/replicas, value: 1}, {op: replace, path: /spec/replicas, value: 2}, {op: add, path: /spec/template/spec/containers/-, value: {name: extra, image: "extra:1"}}]',
      'json',
    );
    const change = { spec: { template: { spec: { containers: [{ name: 'extra', image: 'extra:2' }] } } } };

    assert.equal(await drift(patch, 'operator', change), 'Deployment web: spec.template.spec.containers[extra] is another, by operator');
  });

  it('is none when a JSON patch still stands beside what others changed', async () => {
    const patch = aPatch('[{op: replace, path: /spec/template/spec/containers/0/image, value: "app:2"}]', 'json');

    assert.equal(await drift(patch, 'operator', { metadata: { labels: { a: 'b' } }, spec: { replicas: 3 } }), undefined);
  });
});
