import type { RawRequest } from './raw-api.ts';

/** Requests that are sent one after another; `{namespace}` in a path is a namespace of this run. */
export type Exchange = { name: string; steps: RawRequest[] };

const ROOTS = {
  ConfigMap: '/api/v1/namespaces/{namespace}/configmaps',
  CronJob: '/apis/batch/v1/namespaces/{namespace}/cronjobs',
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  DaemonSet: '/apis/apps/v1/namespaces/{namespace}/daemonsets',
  Deployment: '/apis/apps/v1/namespaces/{namespace}/deployments',
  Gadget: '/apis/fieldtrial.test/v1/namespaces/{namespace}/gadgets',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers',
  Ingress: '/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses',
  Job: '/apis/batch/v1/namespaces/{namespace}/jobs',
  Lease: '/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases',
  Namespace: '/api/v1/namespaces',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies',
  PersistentVolumeClaim: '/api/v1/namespaces/{namespace}/persistentvolumeclaims',
  Pod: '/api/v1/namespaces/{namespace}/pods',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets',
  ReplicaSet: '/apis/apps/v1/namespaces/{namespace}/replicasets',
  ResourceQuota: '/api/v1/namespaces/{namespace}/resourcequotas',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings',
  Secret: '/api/v1/namespaces/{namespace}/secrets',
  Service: '/api/v1/namespaces/{namespace}/services',
  ServiceAccount: '/api/v1/namespaces/{namespace}/serviceaccounts',
  StatefulSet: '/apis/apps/v1/namespaces/{namespace}/statefulsets',
} as const;

type Kind = keyof typeof ROOTS;

const PATCHES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

function read(kind: Kind, rest = ''): RawRequest {
  return { method: 'GET', path: ROOTS[kind] + rest };
}

function create(kind: Kind, body: unknown, query = ''): RawRequest {
  return { method: 'POST', path: ROOTS[kind] + query, body };
}

function replace(kind: Kind, name: string, body: unknown): RawRequest {
  return { method: 'PUT', path: `${ROOTS[kind]}/${name}`, body };
}

/** `name` may carry a subresource and a query. */
function patch(kind: Kind, name: string, type: keyof typeof PATCHES, body: unknown): RawRequest {
  return { method: 'PATCH', path: `${ROOTS[kind]}/${name}`, body, contentType: PATCHES[type] };
}

function remove(kind: Kind, name: string, body?: unknown): RawRequest {
  return { method: 'DELETE', path: `${ROOTS[kind]}/${name}`, body };
}

function get(path: string): RawRequest {
  return { method: 'GET', path };
}

const labels = { app: 'x' };

function template(spec: object = {}) {
  return { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec } };
}

/** Paused and without replicas: controllers have nothing to do. */
function deployment(name: string, spec: object = {}, podSpec: object = {}) {
  const whole = { replicas: 0, paused: true, selector: { matchLabels: labels }, template: template(podSpec), ...spec };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: whole };
}

function job(name: string, spec: object = {}, podSpec: object = {}) {
  const whole = { suspend: true, template: template({ restartPolicy: 'Never', ...podSpec }), ...spec };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: whole };
}

function configMap(name: string, data: object = {}, metadata: object = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** Something for most defaults, and zero values that are not kept. */
const RICH = {
  containers: [
    {
      name: 'app',
      image: 'app',
      env: [
        { name: 'A', value: '' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: '1000m', memory: '1024Mi' } },
      livenessProbe: { httpGet: { port: 80 } },
      volumeMounts: [
        { name: 'v', mountPath: '/v' },
        { name: 'w', mountPath: '/w' },
      ],
    },
  ],
  volumes: [{ name: 'v' }, { name: 'w', configMap: { name: 'c' } }],
  hostNetwork: false,
  nodeSelector: {},
};

const FAIL_INDEX = { action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } };

/** The query of a list with nothing but the object of this name. */
const ONE = '?fieldSelector=metadata.name%3Dquery';

const MISTAKEN_CONTAINER = {
  name: 'a',
  image: 'b',
  volumeMounts: [{ name: 'v', mountPath: '/x' }],
  ports: [{ containerPort: 0 }, { containerPort: 70_000 }],
  imagePullPolicy: 'Sometimes',
  env: [
    { name: '', value: 'x' },
    { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ],
  resources: { requests: { cpu: '2' }, limits: { cpu: '1' } },
};

const GADGETS = {
  metadata: { name: 'gadgets.fieldtrial.test' },
  spec: {
    group: 'fieldtrial.test',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/**
 * What is asked of both servers. The answers of a real one are recorded in test/fixtures/sandbox/answers.json; how they are compared says
 * normalize-answer.ts.
 */
export const EXCHANGES: readonly Exchange[] = [
  {
    name: 'the life of a ConfigMap',
    steps: [
      create('ConfigMap', configMap('life', { a: '1' })),
      replace('ConfigMap', 'life', configMap('life', { a: '2' })),
      read('ConfigMap', '/life'),
      remove('ConfigMap', 'life'),
      read('ConfigMap', '/life'),
    ],
  },
  { name: 'bodies that are no objects', steps: [create('ConfigMap', '{'), create('ConfigMap', [])] },
  {
    name: 'values of the wrong type',
    steps: [
      create('ConfigMap', configMap('wrong', { a: 1 })),
      create('ConfigMap', { metadata: { name: 'wrong' }, data: 'x' }),
      create('Deployment', deployment('wrong', { replicas: 'three' })),
      create('Deployment', deployment('wrong', {}, { containers: [{ name: 'a', image: 'b', env: [{ name: 'A', value: 1 }] }] })),
      create('Deployment', deployment('wrong', {}, { containers: 'x' })),
      create('Deployment', deployment('wrong', {}, { containers: [{ name: 'a', image: 'b', resources: { limits: { cpu: 'x' } } }] })),
      create('Secret', { metadata: { name: 'wrong' }, data: { a: '%' } }),
      create('Lease', { metadata: { name: 'wrong' }, spec: { renewTime: '2026-01-02T03:04:05Z' } }),
      create('Lease', { metadata: { name: 'wrong' }, spec: { renewTime: 'x' } }),
    ],
  },
  {
    name: 'unknown fields',
    steps: [
      create('ConfigMap', { ...configMap('unknown'), dat: { a: 'b' } }, '?fieldValidation=Strict'),
      create('ConfigMap', { ...configMap('unknown', {}, { foo: 1 }), dat: { a: 'b' } }),
      create('ConfigMap', configMap('unknown-2'), '?fieldValidation=Foo'),
      create('Deployment', deployment('unknown')),
      patch('Deployment', 'unknown', 'merge', { spec: { foo: 1 } }),
      patch('Deployment', 'unknown?fieldValidation=Strict', 'merge', { spec: { foo: 1 } }),
      patch('Deployment', 'unknown?fieldValidation=Strict', 'strategic', { spec: { foo: 1 } }),
    ],
  },
  {
    name: 'names and labels',
    steps: [
      create('ConfigMap', { metadata: {} }),
      create('ConfigMap', {}),
      create('ConfigMap', configMap('A_b')),
      create('Namespace', { metadata: { name: 'A.b' } }),
      create('ConfigMap', configMap('labels', {}, { labels: { 'a b': 'c d', 'x/': 'y' } })),
      create('ConfigMap', configMap('labels', {}, { annotations: { 'a b': 'c d' } })),
      create('ConfigMap', configMap('keys', { 'not a key': '' })),
      create('ConfigMap', configMap('owned', {}, { ownerReferences: [{ kind: 'x' }] })),
      create('ConfigMap', configMap('finalized', {}, { finalizers: ['foo'] })),
    ],
  },
  {
    name: 'an object for somewhere else',
    steps: [
      create('ConfigMap', { ...configMap('else'), apiVersion: 'v2' }),
      create('ConfigMap', { ...configMap('else'), kind: 'Secret' }),
      create('ConfigMap', configMap('else', {}, { namespace: 'other' })),
      create('ConfigMap', configMap('else', {}, { resourceVersion: '1' })),
    ],
  },
  {
    name: 'replacements that do not fit',
    steps: [
      create('ConfigMap', configMap('put')),
      replace('ConfigMap', 'put', configMap('other')),
      replace('ConfigMap', 'put', { metadata: {} }),
      replace('ConfigMap', 'put', configMap('put', {}, { uid: '00000000-0000-4000-8000-000000000000' })),
      replace('ConfigMap', 'put', configMap('put', {}, { resourceVersion: '1' })),
      replace('ConfigMap', 'put', configMap('put', {}, { namespace: 'other' })),
      replace('ConfigMap', 'absent', configMap('absent')),
    ],
  },
  {
    name: 'a Deployment and its defaults',
    steps: [
      create('Deployment', deployment('plain')),
      create('Deployment', deployment('plain')),
      create('Deployment', deployment('rich', {}, RICH)),
    ],
  },
  {
    name: 'Deployments that are refused',
    steps: [
      create('Deployment', { metadata: { name: 'refused' }, spec: {} }),
      create('Deployment', deployment('refused', { selector: { matchLabels: { app: 'y' } } })),
      create('Deployment', deployment('refused', { replicas: -1 })),
      create('Deployment', deployment('refused', { selector: {} })),
      create('Deployment', deployment('refused', {}, { containers: [] })),
      create('Deployment', deployment('refused', {}, { containers: [{ name: 'A', image: '' }, { name: 'A' }] })),
      create('Deployment', deployment('refused', {}, { restartPolicy: 'Never' })),
      create('Deployment', deployment('refused', { strategy: { type: 'X' } })),
      create('Deployment', deployment('refused', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })),
      create('Deployment', deployment('refused', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 0 } } })),
      create('Deployment', deployment('refused', {}, { containers: [MISTAKEN_CONTAINER] })),
    ],
  },
  {
    name: 'patches of a Deployment',
    steps: [
      create('Deployment', deployment('patched')),
      patch('Deployment', 'patched', 'merge', { spec: { selector: { matchLabels: { b: 'c' } } } }),
      patch('Deployment', 'patched', 'strategic', { spec: { template: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } } }),
      patch('Deployment', 'patched', 'merge', { spec: { replicas: 'three' } }),
      patch('Deployment', 'patched', 'strategic', { spec: { replicas: 'three' } }),
      patch('Deployment', 'patched', 'json', [{ op: 'replace', path: '/spec/replicas', value: 'three' }]),
      patch('Deployment', 'patched', 'strategic', { spec: { replicas: -1 } }),
      patch('Deployment', 'patched', 'merge', { metadata: { name: 'x' } }),
      patch('Deployment', 'patched', 'merge', { metadata: { resourceVersion: '1' } }),
    ],
  },
  {
    name: 'JSON patches, odd ones too',
    steps: [
      create('ConfigMap', configMap('json', { a: '1' })),
      patch('ConfigMap', 'json', 'json', {}),
      patch('ConfigMap', 'json', 'json', [{ op: 'test', path: '/data/a', value: '2' }]),
      patch('ConfigMap', 'json', 'json', [{ op: 'remove', path: '/data/b' }]),
      patch('ConfigMap', 'json', 'json', [{ op: 'add', path: '/x/b', value: 1 }]),
      patch('ConfigMap', 'json', 'json', [{ op: 'foo', path: '/x/b', value: 1 }]),
      patch('ConfigMap', 'json', 'json', [{ op: 'replace', path: '/data/b', value: '1' }]),
      patch('ConfigMap', 'json', 'json', [{ op: 'add', path: '/data/b' }]),
      patch('ConfigMap', 'json', 'json', [{ op: 'test', path: '/data/zz', value: null }]),
      patch('ConfigMap', 'json', 'json', [
        { op: 'copy', from: '/data/a', path: '/data/c' },
        { op: 'move', from: '/data/a', path: '/data/d' },
      ]),
      create('ConfigMap', configMap('json-list', {}, { finalizers: ['a.test/1', 'a.test/2'] })),
      patch('ConfigMap', 'json-list', 'json', [{ op: 'add', path: '/metadata/finalizers/1', value: 'a.test/3' }]),
      patch('ConfigMap', 'json-list', 'json', [{ op: 'add', path: '/metadata/finalizers/-', value: 'a.test/4' }]),
      patch('ConfigMap', 'json-list', 'json', [{ op: 'remove', path: '/metadata/finalizers/-1' }]),
      patch('ConfigMap', 'json-list', 'json', [{ op: 'replace', path: '/metadata/finalizers/9', value: 'a.test/5' }]),
      patch('ConfigMap', 'json-list', 'json', [{ op: 'replace', path: '/metadata/finalizers', value: [] }]),
    ],
  },
  {
    name: 'fields by names that every object of JavaScript has',
    steps: [
      create('ConfigMap', configMap('inherited', { a: '1' })),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'add', path: '/data/__proto__/x', value: '1' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'replace', path: '/data/__proto__/x', value: '1' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'remove', path: '/data/__proto__' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'remove', path: '/data/constructor' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'remove', path: '/metadata/constructor/prototype/toString' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'add', path: '/metadata/constructor/prototype/x', value: '1' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'test', path: '/data/toString', value: null }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'copy', from: '/data/__proto__', path: '/data/b' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'move', from: '/data/constructor/name', path: '/data/b' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'add', path: '/data/__proto__', value: '1' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'replace', path: '/data/constructor', value: '1' }]),
      patch('ConfigMap', 'inherited', 'json', [{ op: 'move', from: '/data/__proto__', path: '/data/toString' }]),
      patch('ConfigMap', 'inherited', 'merge', { data: { ['__proto__']: '2', toString: null } }),
      patch('ConfigMap', 'inherited', 'strategic', { data: { ['__proto__']: '3', valueOf: '1' } }),
      patch('ConfigMap', 'inherited', 'strategic', { data: { ['__proto__']: null, hasOwnProperty: null } }),
      patch('ConfigMap', 'inherited', 'merge', { data: { ['__proto__']: { x: '1' } } }),
      patch('ConfigMap', 'inherited', 'strategic', { ['__proto__']: { x: '1' } }),
      patch('ConfigMap', 'inherited', 'strategic', { metadata: { ['__proto__']: { x: '1' } } }),
      patch('ConfigMap', 'inherited?fieldManager=one', 'apply', configMap('inherited', { ['__proto__']: '4' })),
      patch('ConfigMap', 'inherited?fieldManager=one', 'apply', configMap('inherited')),
      read('ConfigMap', '/inherited'),
      create('ConfigMap', configMap('inherited-2', { ['__proto__']: '1', constructor: '2' })),
      patch('Deployment', 'inherited', 'apply', { ...deployment('inherited'), ['__proto__']: { x: '1' } }),
      create('Deployment', deployment('inherited')),
      patch('Deployment', 'inherited', 'strategic', { spec: { template: { spec: { constructor: { x: '1' } } } } }),
      patch('Deployment', 'inherited', 'strategic', { spec: { template: { spec: { nodeSelector: { ['__proto__']: null, a: 'b' } } } } }),
    ],
  },
  {
    name: 'patches that are none',
    steps: [
      create('ConfigMap', configMap('none')),
      { ...patch('ConfigMap', 'none', 'merge', '{}'), contentType: 'text/plain' },
      patch('ConfigMap', 'none', 'merge', []),
      patch('ConfigMap', 'none', 'merge', '{'),
      patch('ConfigMap', 'none', 'strategic', []),
    ],
  },
  {
    name: 'a Job and its defaults',
    steps: [
      create('Job', job('plain')),
      create('Job', job('rich', {}, RICH)),
      create('Job', { ...job('labelled'), metadata: { name: 'labelled', labels: { a: 'b' } } }),
    ],
  },
  {
    name: 'changes of a Job',
    steps: [
      create('Job', job('changed')),
      patch('Job', 'changed', 'strategic', { spec: { template: { spec: { containers: [{ name: 'app', image: 'x' }] } } } }),
      patch('Job', 'changed', 'strategic', { spec: { completions: 3 } }),
      patch('Job', 'changed', 'strategic', { spec: { selector: { matchLabels: { x: 'y' } } } }),
      patch('Job', 'changed', 'strategic', { spec: { backoffLimit: 3, parallelism: 0 } }),
      remove('Job', 'changed', { propagationPolicy: 'Background' }),
    ],
  },
  {
    name: 'Jobs that are refused',
    steps: [
      create('Job', job('refused', {}, { restartPolicy: 'Always' })),
      create('Job', job('refused', {}, { restartPolicy: undefined })),
      create('Job', job('refused', { backoffLimit: -1, completionMode: 'Indexed' })),
      create('Job', { metadata: { name: 'refused' } }),
    ],
  },
  {
    name: 'fields of Jobs that are refused',
    steps: [
      create('Job', job('fields', { managedBy: 'x' })),
      create('Job', job('fields', { managedBy: '' })),
      create('Job', job('fields', { completionMode: 'X' })),
      create('Job', job('fields', { podReplacementPolicy: 'X' })),
      create('Job', job('fields', { podFailurePolicy: { rules: [FAIL_INDEX] } })),
      create('Job', job('fields', { completionMode: 'Indexed', completions: 2, podFailurePolicy: { rules: [FAIL_INDEX] } })),
    ],
  },
  {
    name: 'fields of Jobs that the sandbox leaves out',
    steps: [
      create('Job', job('left-out-1', { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, maxFailedIndexes: 1 })),
      create('Job', job('left-out-2', { completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededCount: 1 }] } })),
    ],
  },
  {
    name: 'a Job that somebody else manages, and one with indexes',
    steps: [
      create('Job', job('managed', { managedBy: 'example.com/queue' })),
      patch('Job', 'managed', 'merge', { spec: { managedBy: 'example.com/other' } }),
      create('Job', job('indexed', { completionMode: 'Indexed', completions: 2, parallelism: 2 })),
      patch('Job', 'indexed', 'merge', { spec: { completions: 3, parallelism: 3 } }),
      patch('Job', 'indexed', 'merge', { spec: { completions: 4 } }),
    ],
  },
  {
    name: 'a pod',
    steps: [
      // No node has the label, so that no kubelet has a say.
      create('Pod', {
        metadata: { name: 'pod' },
        spec: {
          nodeSelector: { nowhere: 'true' },
          containers: [{ name: 'a', image: 'a', resources: { limits: { cpu: 1, memory: '1Gi' } } }],
        },
      }),
      patch('Pod', 'pod', 'strategic', { spec: { containers: [{ name: 'a', image: 'b' }] } }),
      patch('Pod', 'pod', 'strategic', { spec: { containers: [{ name: 'a', command: ['b'] }] } }),
      read('Pod', '/pod/log?container=nope'),
      remove('Pod', 'pod'),
      create('Pod', { metadata: { name: 'lost' }, spec: { serviceAccountName: 'nope', containers: [{ name: 'a', image: 'a' }] } }),
      read('Pod', '/nope/log'),
    ],
  },
  {
    name: 'other workloads',
    steps: [
      create('StatefulSet', {
        metadata: { name: 'set' },
        spec: {
          replicas: 0,
          serviceName: 's',
          selector: { matchLabels: labels },
          template: template(),
          volumeClaimTemplates: [
            { metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
          ],
        },
      }),
      patch('StatefulSet', 'set', 'merge', { spec: { serviceName: 'x' } }),
      patch('StatefulSet', 'set', 'merge', { spec: { template: { metadata: { annotations: { a: 'b' } } } } }),
      create('DaemonSet', { metadata: { name: 'set' }, spec: { selector: { matchLabels: labels }, template: template() } }),
      create('ReplicaSet', { metadata: { name: 'set' }, spec: { replicas: 0, selector: { matchLabels: labels }, template: template() } }),
      create('CronJob', {
        metadata: { name: 'cron' },
        spec: { schedule: '* * * * *', suspend: true, jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }) } } },
      }),
      create('CronJob', { metadata: { name: 'cron-2' }, spec: { jobTemplate: { spec: { template: template() } } } }),
    ],
  },
  {
    name: 'Leases',
    steps: [
      create('Lease', {
        metadata: { name: 'lease' },
        spec: { holderIdentity: 'me', leaseDurationSeconds: 1, renewTime: '2026-01-02T03:04:05.678901Z' },
      }),
      replace('Lease', 'lease', { metadata: { name: 'lease' }, spec: {} }),
      replace('Lease', 'lease-2', { metadata: { name: 'lease-2' }, spec: { leaseDurationSeconds: 0 } }),
      replace('Lease', 'lease-2', { metadata: { name: 'lease-2' }, spec: {} }),
      patch('Lease', 'lease', 'merge', { spec: { holderIdentity: '' } }),
      patch('Lease', 'lease', 'merge', { spec: { holderIdentity: null } }),
    ],
  },
  {
    name: 'Secrets',
    steps: [
      create('Secret', { metadata: { name: 'secret' }, stringData: { a: 'b' } }),
      patch('Secret', 'secret', 'merge', { type: 'x' }),
      patch('Secret', 'secret', 'merge', { stringData: { c: 'd' } }),
      patch('Secret', 'secret', 'merge', { immutable: true }),
      patch('Secret', 'secret', 'merge', { stringData: { c: 'e' } }),
    ],
  },
  {
    name: 'Services',
    steps: [
      create('Service', { metadata: { name: 'service' }, spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] } }),
      create('Service', { metadata: { name: 'service-2' }, spec: {} }),
      create('Service', { metadata: { name: 'service-3' }, spec: { clusterIP: 'None', ports: [{ port: 80, name: 'a' }, { port: 81 }] } }),
    ],
  },
  {
    name: 'Roles and their bindings',
    steps: [
      create('Role', { metadata: { name: 'a:role' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }),
      create('Role', { metadata: { name: 'empty' } }),
      create('Role', { metadata: { name: 'refused' }, rules: [{ verbs: [], resources: [] }] }),
      create('RoleBinding', {
        metadata: { name: 'binding' },
        roleRef: { kind: 'ClusterRole', name: 'admin' },
        subjects: [
          { kind: 'ServiceAccount', name: 'x' },
          { kind: 'User', name: 'u' },
        ],
      }),
      patch('RoleBinding', 'binding', 'merge', { roleRef: { name: 'y' } }),
      create('RoleBinding', { metadata: { name: 'refused' } }),
    ],
  },
  {
    name: 'kinds that are only stored',
    steps: [
      create('PersistentVolumeClaim', {
        metadata: { name: 'claim' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
      }),
      create('PersistentVolumeClaim', { metadata: { name: 'claim-2' }, spec: {} }),
      create('HorizontalPodAutoscaler', {
        metadata: { name: 'scaler' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, maxReplicas: 3 },
      }),
      create('PodDisruptionBudget', { metadata: { name: 'budget' }, spec: { selector: { matchLabels: labels }, maxUnavailable: 1 } }),
      create('ServiceAccount', { metadata: { name: 'account' } }),
      create('NetworkPolicy', { metadata: { name: 'policy' }, spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } }),
      create('Ingress', {
        metadata: { name: 'ingress' },
        spec: {
          rules: [
            {
              host: 'a.b',
              http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'x', port: { number: 80 } } } }] },
            },
          ],
        },
      }),
      create('ResourceQuota', { metadata: { name: 'quota' }, spec: { hard: { 'count/secrets': 100 } } }),
    ],
  },
  {
    name: 'options of a deletion',
    steps: [
      create('ConfigMap', configMap('options')),
      remove('ConfigMap', 'options', { preconditions: { uid: 'abc' } }),
      remove('ConfigMap', 'options', { preconditions: { resourceVersion: '1' } }),
      remove('ConfigMap', 'options', { propagationPolicy: 'X' }),
      remove('ConfigMap', 'options?dryRun=All'),
      remove('ConfigMap', 'options?dryRun=Foo'),
      remove('ConfigMap', 'options?propagationPolicy=Background'),
      remove('ConfigMap', 'options'),
    ],
  },
  {
    name: 'finalizers',
    steps: [
      create('ConfigMap', configMap('waiting', {}, { finalizers: ['a.b/c'] })),
      remove('ConfigMap', 'waiting'),
      patch('ConfigMap', 'waiting', 'merge', { metadata: { finalizers: ['a.b/c', 'd.e/f'] } }),
      patch('ConfigMap', 'waiting', 'merge', { metadata: { finalizers: null } }),
      read('ConfigMap', '/waiting'),
    ],
  },
  {
    name: 'server-side apply of a ConfigMap by two managers',
    steps: [
      patch('ConfigMap', 'applied?fieldManager=one', 'apply', configMap('applied', { a: '1', b: '2' })),
      patch('ConfigMap', 'applied?fieldManager=two', 'apply', configMap('applied', { a: '3' })),
      patch('ConfigMap', 'applied?fieldManager=two&force=true', 'apply', configMap('applied', { a: '3' })),
      patch('ConfigMap', 'applied?fieldManager=one&force=true', 'apply', configMap('applied', { c: '3' })),
      patch('ConfigMap', 'applied', 'apply', configMap('applied')),
      patch('ConfigMap', 'applied?fieldManager=three', 'apply', { metadata: { name: 'applied' } }),
    ],
  },
  {
    name: 'server-side apply of a Deployment',
    steps: [
      patch(
        'Deployment',
        'applied?fieldManager=one',
        'apply',
        deployment(
          'applied',
          {},
          {
            containers: [
              { name: 'a', image: 'b', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1000m' } } },
              { name: 'b', image: 'c' },
            ],
          },
        ),
      ),
      patch(
        'Deployment',
        'applied?fieldManager=one',
        'apply',
        deployment('applied', {}, { containers: [{ name: 'a', image: 'b', resources: { limits: { cpu: '1' } } }] }),
      ),
      patch('Deployment', 'applied?fieldManager=two', 'strategic', {
        spec: { template: { spec: { containers: [{ name: 'a', image: 'z' }] } } },
      }),
      patch('Deployment', 'applied?fieldManager=one', 'apply', deployment('applied', {}, { containers: [{ name: 'a', image: 'b' }] })),
      patch('Deployment', 'applied?fieldManager=one&force=true', 'apply', deployment('applied')),
    ],
  },
  {
    name: 'the status subresource',
    steps: [
      create('Deployment', { ...deployment('status'), status: { replicas: 5 } }),
      patch('Deployment', 'status/status', 'merge', { status: { collisionCount: 3 }, spec: { replicas: 9 } }),
      patch('Deployment', 'status', 'merge', { status: { replicas: 7 } }),
      create('ConfigMap', configMap('status')),
      patch('ConfigMap', 'status/status', 'merge', {}),
    ],
  },
  {
    name: 'the scale subresource',
    steps: [
      create('Deployment', deployment('scaled')),
      read('Deployment', '/scaled/scale'),
      patch('Deployment', 'scaled/scale', 'merge', { spec: { replicas: -2 } }),
      patch('Deployment', 'scaled/scale', 'merge', { spec: { replicas: 2 } }),
    ],
  },
  {
    name: 'methods and paths that lead nowhere',
    steps: [
      { method: 'POST', path: `${ROOTS.ConfigMap}/x`, body: {} },
      { method: 'PUT', path: ROOTS.ConfigMap, body: {} },
      { method: 'PATCH', path: ROOTS.ConfigMap, body: {}, contentType: PATCHES.merge },
      remove('ConfigMap', 'none'),
      get('/api/v1/foo'),
      get('/apis/foo/v1/bars'),
      get('/nope'),
    ],
  },
  {
    name: 'selectors',
    steps: [
      read('ConfigMap', '?labelSelector=a%20b'),
      read('ConfigMap', '?fieldSelector=spec.foo%3Dx'),
      read('Pod', '?fieldSelector=spec.foo%3Dx'),
      read('ConfigMap', '?fieldSelector=foo'),
    ],
  },
  {
    name: 'query parameters that are no numbers',
    steps: [
      create('ConfigMap', configMap('query')),
      ...['abc', '1.5', '', '99999999999999999999'].map((limit) => read('ConfigMap', `${ONE}&limit=${limit}`)),
      read('ConfigMap', `${ONE}&limit=-1`),
      read('ConfigMap', `${ONE}&continue=abc`),
      read('ConfigMap', `${ONE}&timeoutSeconds=abc`),
      read('ConfigMap', `${ONE}&timeoutSeconds=-1`),
      read('ConfigMap', `${ONE}&watch=true&timeoutSeconds=abc`),
      read('ConfigMap', `${ONE}&watch=true&timeoutSeconds=0.5`),
      read('ConfigMap', '/query?limit=abc&watch=true'),
      remove('ConfigMap', 'query?gracePeriodSeconds=abc'),
      remove('ConfigMap', 'query?gracePeriodSeconds=1.5'),
      remove('ConfigMap', 'query?gracePeriodSeconds='),
      remove('ConfigMap', 'query?dryRun=All', { gracePeriodSeconds: '5' }),
      remove('ConfigMap', 'query?dryRun=All', { gracePeriodSeconds: 1.5 }),
      remove('ConfigMap', 'query?dryRun=All&limit=abc'),
      { method: 'DELETE', path: `${ROOTS.ConfigMap}${ONE}&limit=abc` },
      { method: 'DELETE', path: `${ROOTS.ConfigMap}${ONE}&gracePeriodSeconds=abc` },
      create('ConfigMap', configMap('query-2'), '?limit=abc'),
      remove('ConfigMap', 'query-2?dryRun=All&gracePeriodSeconds=abc', { gracePeriodSeconds: 1 }),
      read('ConfigMap', '/query-2'),
      create('Pod', {
        metadata: { name: 'query' },
        spec: { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'a', image: 'a' }] },
      }),
      ...['tailLines=abc', 'tailLines=-1', 'limitBytes=abc', 'limitBytes=0', 'sinceSeconds=abc'].map((option) =>
        read('Pod', `/query/log?${option}`),
      ),
      remove('Pod', 'query'),
    ],
  },
  {
    name: 'query parameters that are no booleans',
    steps: [
      create('ConfigMap', configMap('query-3')),
      ...['false', 'FALSE', '0'].map((watch) => read('ConfigMap', `?fieldSelector=metadata.name%3Dnone&watch=${watch}`)),
      read('ConfigMap', '?fieldSelector=metadata.name%3Dnone&timeoutSeconds=1&watch=maybe'),
      read('ConfigMap', `${ONE}&sendInitialEvents=maybe`),
      remove('ConfigMap', 'query-3?dryRun=All&orphanDependents=maybe'),
      remove('ConfigMap', 'query-3?dryRun=All&orphanDependents=true&propagationPolicy=Orphan'),
      remove('ConfigMap', 'query-3?dryRun=All', { orphanDependents: 'true' }),
      remove('ConfigMap', 'query-3?dryRun=All', { propagationPolicy: 1 }),
      patch('ConfigMap', 'query-3?fieldManager=one&force=maybe', 'apply', configMap('query-3', { a: '1' })),
      patch('ConfigMap', 'query-3?fieldManager=two&force=TRUE', 'apply', configMap('query-3', { a: '2' })),
      patch('ConfigMap', 'query-3?fieldManager=one&force=False', 'apply', configMap('query-3', { a: '3' })),
    ],
  },
  {
    name: 'paths and queries with broken escapes',
    steps: [
      read('ConfigMap', '/%zz'),
      get('/api/v1/namespaces/%zz/configmaps'),
      get('/%'),
      create('ConfigMap', configMap('escapes')),
      read('ConfigMap', `${ONE}&labelSelector=%zz`),
      read('ConfigMap', '/a%2Fb'),
    ],
  },
  {
    name: 'a custom resource',
    steps: [
      create('CustomResourceDefinition', { ...GADGETS, metadata: { name: 'x' } }),
      create('CustomResourceDefinition', GADGETS),
      // Discovered at once by the sandbox, within a second by an API server.
      create('Gadget', { apiVersion: 'fieldtrial.test/v1', kind: 'Gadget', metadata: { name: 'a' }, spec: { a: 1 }, status: { b: 1 } }),
      patch('Gadget', 'a', 'merge', { spec: { a: 2 } }),
      patch('Gadget', 'a', 'strategic', { spec: { a: 2 } }),
      patch('Gadget', 'a', 'merge', { metadata: { labels: { a: 'b' } } }),
      patch('Gadget', 'a/status', 'merge', { status: { c: 1 } }),
      replace('Gadget', 'a', { apiVersion: 'fieldtrial.test/v1', kind: 'Gadget', metadata: { name: 'a' } }),
      remove('Gadget', 'a'),
      create('Gadget', { metadata: { name: 'b' } }),
      remove('CustomResourceDefinition', GADGETS.metadata.name),
    ],
  },
];
