import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { applyPatches } from '../../../runner/lifecycle/apply-patches.ts';
import { restoreObjects } from '../../../runner/lifecycle/restore-objects.ts';
import type { RestorePoint } from '../../../runner/lifecycle/restore-point.ts';
import type { RenderedPatch } from '../../../runner/model/trial.ts';
import { fromYaml } from '../../support/from-yaml.ts';
import { startSlot, type TestSlot } from './start-slot.ts';

const SLOT = 'shop-1';
const REF = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: SLOT };
const WEB = fromYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${SLOT}, annotations: {team: shop}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{key: a, operator: Exists}]
      initContainers: [{name: migrate, image: "migrate:1"}, {name: seed, image: "seed:1"}]
      containers:
        - {name: app, image: "app:1", args: [one, two], env: [{name: A, value: "1"}, {name: B, value: "2"}]}
        - {name: log, image: "log:1", resources: {limits: {cpu: 1500m}}}
`);

describe('putting objects back on an API server', () => {
  let slot: TestSlot;

  beforeEach(async () => {
    slot = await startSlot(WEB);
  });
  afterEach(() => slot.close());

  const strategic = (container: string) => ['strategic', `spec: {template: {spec: {containers: [${container}]}}}`] as const;
  const cases: [what: string, ...patches: (readonly [RenderedPatch['type'], string])[]][] = [
    ['limits where there were none', strategic('{name: app, resources: {limits: {cpu: 1000m, memory: 64Mi}}}')],
    ['a limit in another notation', strategic('{name: log, resources: {limits: {cpu: 0.25}}}')],
    [
      'variables that are changed, added and removed',
      strategic('{name: app, env: [{name: A, value: x}, {name: C, value: y}, {name: B, $patch: delete}]}'),
    ],
    [
      'items that others in their list depend on',
      ['strategic', 'spec: {template: {spec: {initContainers: [{name: migrate, $patch: delete}]}}}'],
      strategic('{name: app, env: [{name: A, $patch: delete}]}'),
    ],
    [
      'items that change places',
      ['json', '[{op: move, from: /spec/template/spec/initContainers/1, path: /spec/template/spec/initContainers/0}]'],
      ['json', '[{op: remove, path: /spec/template/spec/containers/0/env/0}]'],
    ],
    ['a container that is added', ['json', '[{op: add, path: /spec/template/spec/containers/-, value: {name: extra, image: "extra:1"}}]']],
    ['a list without names', ['merge', 'spec: {template: {spec: {tolerations: []}}}'], strategic('{name: app, args: [three]}')],
    ['annotations and labels', ['merge', 'metadata: {annotations: {team: null, size: "3"}, labels: {trial: "1"}}']],
    [
      'several patches of one field',
      ['merge', 'spec: {replicas: 2}'],
      ['json', '[{op: replace, path: /spec/replicas, value: 3}]'],
      ['merge', 'spec: {replicas: 4, paused: true}'],
    ],
  ];
  for (const [what, ...patches] of cases) {
    it(`gives back what was there before patches of ${what}`, async () => {
      const { cluster } = slot;
      const signal = AbortSignal.timeout(5_000);
      let points: readonly RestorePoint[] = [];
      const log = {
        points: () => points,
        remember: async (next: readonly RestorePoint[]) => void (points = JSON.parse(JSON.stringify(next))),
      };
      const before = await read();

      const rendered = patches.map(([type, body], index): RenderedPatch => ({
        index,
        target: { apiVersion: REF.apiVersion, kind: REF.kind, name: REF.name },
        type,
        body: fromYaml(body),
      }));
      await applyPatches(rendered, SLOT, { cluster, waiting: () => undefined, restoring: { until: 'trial', log } }, signal);
      const between = await read();
      await restoreObjects(points, SLOT, { cluster, emit: () => undefined }, signal);

      assert.notDeepEqual(between, before);
      assert.deepEqual(await read(), before);
    });
  }

  /** Spec, labels and annotations. */
  async function read(): Promise<object> {
    const { spec, metadata } = (await slot.cluster.read(REF, AbortSignal.timeout(5_000))) as KubeObject;
    const { labels = {}, annotations = {} } = metadata;
    return { spec, labels, annotations };
  }
});
