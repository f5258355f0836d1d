/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A Deployment whose pods have something in most lists that are merged by a key; its controller leaves it alone. */
export const PATCHED_DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'random', labels: { a: '1', b: '2' }, finalizers: ['fieldtrial.dev/one', 'fieldtrial.dev/two'] },
  spec: {
    replicas: 0,
    paused: true,
    selector: { matchLabels: { app: 'patched' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } },
    template: {
      metadata: { labels: { app: 'patched', tier: 'web' } },
      spec: {
        imagePullSecrets: [{ name: 'a' }, { name: 'b' }],
        hostAliases: [
          { ip: '10.0.0.1', hostnames: ['one', 'two'] },
          { ip: '10.0.0.2', hostnames: ['three'] },
        ],
        tolerations: [{ key: 'a', operator: 'Exists' }],
        nodeSelector: { disk: 'ssd' },
        volumes: [{ name: 'a', emptyDir: {} }, { name: 'b', configMap: { name: 'b' } }, { name: 'c' }],
        containers: [
          {
            name: 'a',
            image: 'a:1',
            args: ['one', 'two'],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
              { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
            ports: [
              { containerPort: 80 },
              { containerPort: 53, protocol: 'UDP', name: 'dns' },
              { containerPort: 53, protocol: 'TCP', name: 'dns-tcp' },
            ],
            resources: { limits: { cpu: '1', memory: '1Gi' } },
            volumeMounts: [
              { name: 'a', mountPath: '/a' },
              { name: 'b', mountPath: '/b' },
            ],
          },
          { name: 'b', image: 'b:1', securityContext: { capabilities: { add: ['A', 'B'] } } },
          { name: 'c', image: 'c:1' },
        ],
      },
    },
  },
};

/** A strategic merge patch for it, of every kind that people and tools write, and of some that nobody should. */
export function randomPatch(random: Random): any {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const chance = (probability: number) => random() < probability;
  const some = <Value>(values: readonly Value[], probability = 0.5) => values.filter(() => chance(probability));
  const shuffled = <Value>(values: readonly Value[]): Value[] =>
    values
      .map((value) => ({ value, order: random() }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ value }) => value);

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

  return {
    ...(chance(0.2) && {
      metadata: {
        ...(chance(0.6) && { labels: pick([null, { a: null, c: '3' }, { $patch: 'replace', d: '4' }, { b: '' }]) }),
        ...(chance(0.6) && finalizers()),
      },
    }),
    spec: {
      ...(chance(0.15) && { replicas: pick([null, 0]) }),
      ...(chance(0.15) && { strategy: strategy() }),
      template: {
        ...(chance(0.15) && { metadata: { labels: pick([{ tier: null }, { app: 'patched', x: 'y' }]), annotations: { a: 'b' } } }),
        spec: { ...(chance(0.03) && { $patch: 'replace' }), ...podSpec() },
      },
    },
  };
}
