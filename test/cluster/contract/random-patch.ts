import type { PatchedKind } from './random-object.ts';
import { chooser, type Random } from './random.ts';

/** A strategic merge patch for an object of this kind, as people and tools write them, and sometimes one that nobody should. */
export function randomPatch(kind: PatchedKind, random: Random): any {
  const { pick, chance, some, shuffled } = chooser(random);

  /** Items of a list that is merged by a key: changes, removals, and rarely the whole list anew. */
  function items(key: string, keys: readonly unknown[], change: (value: any) => object): any[] {
    const chosen = shuffled(some(keys, 0.4)).map((value) => {
      if (chance(0.2)) return { [key]: value, $patch: 'delete' };
      return { [key]: value, ...change(value) };
    });
    if (chance(0.1)) chosen.push({ $patch: 'replace' });
    if (chance(0.02)) chosen.push({ noKey: 'x' });
    return shuffled(chosen);
  }

  function withOrder(field: string, key: string | undefined, keys: readonly unknown[], list: any[]): Record<string, unknown> {
    if (!chance(0.25)) return { [field]: list };
    const order = chance(0.8) ? list.filter((item) => item?.$patch === undefined).map((item) => (key ? item[key] : item)) : shuffled(keys);
    const more = shuffled(keys.filter((each) => !order.includes(each) && chance(0.6)));
    const all = chance(0.5) ? [...order, ...more] : [...more, ...order];
    return { [`$setElementOrder/${field}`]: all.map((each) => (key ? { [key]: each } : each)), ...(chance(0.85) && { [field]: list }) };
  }

  function merged(field: string, key: string, keys: readonly unknown[], change: (value: any) => object) {
    return chance(0.04) ? { [field]: pick([null, []]) } : withOrder(field, key, keys, items(key, keys, change));
  }

  function container(): object {
    return {
      ...(chance(0.3) && { image: pick(['x:1', 'x']) }),
      ...(chance(0.2) && { args: pick([null, ['three'], []]) }),
      ...(chance(0.4) &&
        merged('env', 'name', ['A', 'B', 'C', 'D', 'E'], () =>
          pick([{ value: '7' }, { value: '' }, { value: null }, { value: '7', valueFrom: null }]),
        )),
      ...(chance(0.3) &&
        merged('ports', 'containerPort', [80, 53, 8080, 443], (port) => pick([{}, { name: `p${port}` }, { protocol: 'UDP' }]))),
      ...(chance(0.3) && {
        resources: pick([
          null,
          { $patch: 'replace', requests: { cpu: '250m' } },
          { limits: { cpu: '500m', memory: null } },
          { limits: { cpu: '1000m' } },
          { $patch: 'delete' },
        ]),
      }),
      ...(chance(0.3) && merged('volumeMounts', 'mountPath', ['/a', '/b', '/d'], () => ({ name: pick(['a', 'b', 'c']) }))),
      ...(chance(0.1) && { securityContext: pick([null, {}, { capabilities: { add: ['C'] } }, { runAsUser: 0 }]) }),
      ...(chance(0.1) && { livenessProbe: { httpGet: { port: 80 } } }),
    };
  }

  function podSpec(): object {
    return {
      ...(chance(0.85) && merged('containers', 'name', ['a', 'b', 'c', 'd'], container)),
      ...(chance(0.3) && merged('volumes', 'name', ['a', 'b', 'c', 'd'], volume)),
      ...(chance(0.2) && merged('imagePullSecrets', 'name', ['a', 'b', 'c'], () => ({}))),
      ...(chance(0.2) && merged('hostAliases', 'ip', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], () => ({ hostnames: ['x'] }))),
      ...(chance(0.15) && { tolerations: pick([null, [{ key: 'b', operator: 'Exists' }], []]) }),
      ...(chance(0.15) && { nodeSelector: pick([null, { disk: null, zone: 'a' }, { $patch: 'replace', zone: 'b' }, {}]) }),
      ...(chance(0.1) && { terminationGracePeriodSeconds: pick([0, 5, null]) }),
      ...(chance(0.05) && { unknownField: { a: 1 } }),
    };
  }

  function volume(): object {
    return pick([
      { emptyDir: { medium: 'Memory' } },
      { configMap: { name: 'x' } },
      { emptyDir: null, secret: { secretName: 's' } },
      { $retainKeys: ['name', 'secret'], secret: { secretName: 's' } },
      { $retainKeys: ['name'], secret: { secretName: 's' } },
    ]);
  }

  function strategy(): unknown {
    return pick([
      null,
      { type: 'Recreate', rollingUpdate: null },
      { $retainKeys: ['type'], type: 'Recreate' },
      { $retainKeys: ['type', 'rollingUpdate'], rollingUpdate: { maxSurge: 2 } },
      { rollingUpdate: { maxUnavailable: null } },
      { $patch: 'replace', type: 'Recreate' },
      { $patch: 'delete' },
      { $patch: 'merge', type: 'Recreate' },
    ]);
  }

  function finalizers(): object {
    const [one, two, three] = ['fieldtrial.dev/one', 'fieldtrial.dev/two', 'fieldtrial.dev/three'];
    return pick([
      { finalizers: [three] },
      { finalizers: [two, three, two] },
      { '$deleteFromPrimitiveList/finalizers': [one] },
      { '$deleteFromPrimitiveList/finalizers': [one, three], '$setElementOrder/finalizers': [two] },
      { '$setElementOrder/finalizers': [three, two], finalizers: [three] },
      { '$setElementOrder/finalizers': [two, one] },
      { finalizers: null },
    ]);
  }

  function metadata(): object {
    return {
      ...(chance(0.6) && { labels: pick([null, { a: null, c: '3' }, { $patch: 'replace', d: '4' }, { b: '' }]) }),
      ...(chance(0.3) && { annotations: pick([null, { a: null }, { $patch: 'delete' }, { c: '3' }]) }),
      ...(chance(0.6) && finalizers()),
    };
  }

  function template(): object {
    return {
      ...(chance(0.15) && { metadata: { labels: pick([{ tier: null }, { app: 'patched', x: 'y' }]), annotations: { a: 'b' } } }),
      ...(chance(0.9) && { spec: { ...(chance(0.03) && { $patch: 'replace' }), ...podSpec() } }),
    };
  }

  /** What may be changed of a pod that is there, and little else. */
  function changedPod(): object {
    return {
      ...(chance(0.7) && merged('containers', 'name', ['a', 'b'], () => ({ ...(chance(0.9) && { image: pick(['x:1', 'x']) }) }))),
      ...(chance(0.2) && { activeDeadlineSeconds: 5 }),
      ...(chance(0.1) && podSpec()),
    };
  }

  function servicePort(): object {
    return {
      ...(chance(0.5) && { name: pick(['http', 'https', 'x']) }),
      ...(chance(0.4) && { targetPort: pick([8080, 'web', null]) }),
      ...(chance(0.2) && { protocol: pick(['TCP', 'UDP']) }),
    };
  }

  function service(): object {
    return {
      ...(chance(0.8) && merged('ports', 'port', [80, 443, 53, 9090, 8443], servicePort)),
      ...(chance(0.4) && {
        selector: pick([null, { tier: null }, { x: 'y' }, { $patch: 'replace', app: 'other' }, { $retainKeys: ['app'] }]),
      }),
      ...(chance(0.2) && { publishNotReadyAddresses: pick([true, false, null]) }),
    };
  }

  function configMap(): object {
    const data = [
      { a: '2' },
      { a: null, e: '' },
      { $patch: 'replace', x: 'y' },
      { $patch: 'delete' },
      { $retainKeys: ['a'], a: '3' },
      null,
    ];
    return {
      ...(chance(0.8) && { data: pick(data) }),
      ...(chance(0.3) && { binaryData: pick([null, { d: null }, { f: 'AQ==' }]) }),
      ...(chance(0.1) && { immutable: pick([true, null]) }),
    };
  }

  function spec(): object {
    switch (kind) {
      case 'Deployment':
        return {
          ...(chance(0.15) && { replicas: pick([null, 0]) }),
          ...(chance(0.15) && { strategy: strategy() }),
          template: template(),
        };
      case 'Job':
        return {
          ...(chance(0.3) && { backoffLimit: pick([null, 0, 5]) }),
          ...(chance(0.3) && { parallelism: pick([null, 0, 3]) }),
          ...(chance(0.2) && { activeDeadlineSeconds: pick([null, 10]) }),
          ...(chance(0.5) && { template: chance(0.5) ? template() : { spec: { nodeSelector: pick([null, { disk: null, zone: 'a' }]) } } }),
        };
      case 'Service':
        return service();
      default:
        return changedPod();
    }
  }

  const changed = chance(kind === 'Pod' ? 0.5 : 0.2) ? { metadata: metadata() } : {};
  return kind === 'ConfigMap' ? { ...changed, ...configMap() } : { ...changed, spec: spec() };
}
