import { chooser, type Random } from './random.ts';

export const PATCHED_KINDS = ['Deployment', 'Deployment', 'Job', 'Pod', 'Service', 'ConfigMap'] as const;

export type PatchedKind = (typeof PATCHED_KINDS)[number];

/** An object of this kind that is valid, with some of what is merged by keys, in some order; controllers leave it alone. */
export function randomObject(kind: PatchedKind, name: string, random: Random): any {
  const { pick, chance, some, shuffled } = chooser(random);

  /** Some of the items, in some order, at least one of them. */
  function list<Item>(items: readonly Item[]): Item[] {
    const chosen = shuffled(some(items, 0.6));
    return chosen.length > 0 ? chosen : [items[0]!];
  }

  function container(name: string, volumes: readonly { name: string }[]): object {
    return {
      name,
      image: pick([`${name}:1`, name]),
      ...(chance(0.5) && { args: ['one', 'two'] }),
      ...(chance(0.6) && {
        env: list([
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
          { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'D', value: '' },
        ]),
      }),
      ...(chance(0.5) && {
        ports: list([
          { containerPort: 80 },
          { containerPort: 53, protocol: 'UDP', name: 'dns' },
          { containerPort: 53, protocol: 'TCP', name: 'dns-tcp' },
          { containerPort: 8080, name: 'web' },
        ]),
      }),
      ...(chance(0.4) && { resources: pick([{ limits: { cpu: '1', memory: '1Gi' } }, { requests: { cpu: '500m' } }]) }),
      ...(volumes.length > 0 &&
        chance(0.5) && { volumeMounts: list(volumes.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` }))) }),
      ...(chance(0.3) && { securityContext: { capabilities: { add: ['A', 'B'] } } }),
    };
  }

  function podSpec(): object {
    const volumes = chance(0.7) ? list([{ name: 'a', emptyDir: {} }, { name: 'b', configMap: { name: 'b' } }, { name: 'c' }]) : [];
    return {
      schedulerName: 'nobody',
      containers: list(['a', 'b', 'c']).map((each) => container(each, volumes)),
      ...(chance(0.3) && { initContainers: [container('i', volumes)] }),
      ...(volumes.length > 0 && { volumes }),
      ...(chance(0.4) && { imagePullSecrets: list([{ name: 'a' }, { name: 'b' }]) }),
      ...(chance(0.4) && {
        hostAliases: list([
          { ip: '10.0.0.1', hostnames: ['one', 'two'] },
          { ip: '10.0.0.2', hostnames: ['three'] },
        ]),
      }),
      ...(chance(0.4) && { tolerations: [{ key: 'a', operator: 'Exists' }] }),
      ...(chance(0.4) && { nodeSelector: { disk: 'ssd' } }),
    };
  }

  const metadata = {
    name,
    ...(chance(0.6) && { labels: Object.fromEntries(some(['a', 'b', 'c']).map((label) => [label, '1'])) }),
    ...(chance(0.3) && { annotations: { a: '1', b: '2' } }),
    ...(chance(0.5) && { finalizers: list(['fieldtrial.dev/one', 'fieldtrial.dev/two']) }),
  };
  const labels = { app: 'patched', tier: 'web' };
  switch (kind) {
    case 'Deployment':
      return {
        metadata,
        spec: {
          replicas: 0,
          paused: true,
          selector: { matchLabels: { app: 'patched' } },
          ...(chance(0.5) && { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } } }),
          template: { metadata: { labels }, spec: podSpec() },
        },
      };
    case 'Job':
      return {
        metadata,
        spec: {
          suspend: true,
          ...(chance(0.4) && { completions: 2, parallelism: 2 }),
          ...(chance(0.4) && { backoffLimit: 1 }),
          template: { metadata: { labels }, spec: { restartPolicy: pick(['Never', 'OnFailure']), ...podSpec() } },
        },
      };
    case 'Pod':
      return { metadata, spec: podSpec() };
    case 'Service':
      return {
        metadata,
        spec: {
          clusterIP: 'None',
          selector: { app: 'patched', ...(chance(0.5) && { tier: 'web' }) },
          ports: list([
            { name: 'http', port: 80 },
            { name: 'https', port: 443, targetPort: 'web' },
            { name: 'dns', port: 53, protocol: 'UDP' },
            { name: 'other', port: 9090, targetPort: 80 },
          ]),
          ...(chance(0.3) && { publishNotReadyAddresses: true }),
        },
      };
    case 'ConfigMap':
      return {
        metadata,
        ...(chance(0.8) && { data: Object.fromEntries(list(['a', 'b', 'c']).map((key) => [key, key])) }),
        ...(chance(0.3) && { binaryData: { d: 'AA==' } }),
      };
  }
}
