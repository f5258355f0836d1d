import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { CHART, helmWith, only, renderChart, VALUES } from '../../support/helm.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';

describe('the chart', function () {
  this.timeout('60s');

  it('has every flag that it sets', async () => {
    const { stdout } = await runFieldtrial(['run', '--help']);
    const template = await readFile(join(CHART, 'templates', '_pod.tpl'), 'utf8');

    const set = new Set(template.match(/FIELDTRIAL_[A-Z_]+/g));
    const help = stdout.replaceAll(/\s+/g, ' ');
    assert.deepEqual(
      [...set].filter((name) => !help.includes(`env: ${name}`)),
      [],
    );
  });

  it('passes helm lint, strictly', async () => {
    const said = await helmWith(VALUES, 'lint', CHART, '--strict');

    assert.match(said, /0 chart\(s\) failed/);
  });

  const examples: [file: string, valuesIn: (document: any) => object, image: RegExp][] = [
    ['values.yaml', (values) => values, /^registry\.example\/fieldtrial:/],
    ['argocd-values.yaml', (values) => ({ ...values, argocd: { files: { checkout: 'a: 1' } } }), /^registry\.example\/fieldtrial:/],
    ['helm-release.yaml', (release) => release.spec.values, /^registry\.example\/fieldtrial:/],
    // This one is built on the machine and loaded into the cluster.
    ['kind.yaml', (values) => values, /^fieldtrial:/],
  ];
  for (const [file, valuesIn, image] of examples) {
    it(`renders the values of docs/examples/installation/${file}, with an image that can be there`, async () => {
      const text = await readFile(join(PROJECT, 'docs/examples/installation', file), 'utf8');

      const objects = await renderChart(valuesIn(loadAll(text).at(-1)));

      assert.match(podOf(only(objects, 'CronJob')).containers[0].image, image);
    });
  }

  describe('by default', () => {
    let objects: KubeObject[];

    before(async () => {
      objects = await renderChart();
    });

    it('is a CronJob and what it works with, and nothing of the whole cluster', () => {
      assert.deepEqual(named(objects), [
        'CronJob fieldtrial/fieldtrial',
        'Pod fieldtrial/fieldtrial-preflight',
        'Role fieldtrial/fieldtrial',
        'Role shop-1/fieldtrial',
        'Role shop-2/fieldtrial',
        'RoleBinding fieldtrial/fieldtrial',
        'RoleBinding shop-1/fieldtrial',
        'RoleBinding shop-2/fieldtrial',
        'ServiceAccount fieldtrial/fieldtrial',
        'ServiceAccount shop-1/fieldtrial-setup',
        'ServiceAccount shop-2/fieldtrial-setup',
      ]);
    });

    it('runs every quarter of an hour, never two at once', () => {
      const { schedule, concurrencyPolicy, startingDeadlineSeconds } = only(objects, 'CronJob').spec;

      assert.deepEqual({ schedule, concurrencyPolicy }, { schedule: '*/15 * * * *', concurrencyPolicy: 'Forbid' });
      // More than 100 missed starts within it would end the schedule: a run of a day misses 96.
      assert.equal(startingDeadlineSeconds, 3600);
    });

    it('brings an evicted runner back, and fails at once where trying again changes nothing', () => {
      const { backoffLimit, podFailurePolicy } = only(objects, 'CronJob').spec.jobTemplate.spec;

      assert.equal(backoffLimit, 3);
      assert.deepEqual(podFailurePolicy.rules, [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        { action: 'FailJob', onExitCodes: { containerName: 'runner', operator: 'In', values: [2, 3, 4, 5] } },
      ]);
    });

    it('runs restricted, on a read-only file system, and lets the runner say goodbye', () => {
      const { securityContext, containers, volumes, terminationGracePeriodSeconds, restartPolicy } = podOf(only(objects, 'CronJob'));

      assert.deepEqual(securityContext, {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      assert.deepEqual(containers[0].securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      assert.deepEqual(volumes, [{ name: 'scratch', emptyDir: { sizeLimit: '1Gi' } }]);
      assert.equal(restartPolicy, 'Never');
      assert.ok(terminationGracePeriodSeconds > 2 * 45);
    });

    it('tells the runner its repository, its slots and its own image', () => {
      const environment = environmentOf(only(objects, 'CronJob'));

      assert.deepEqual(pick(environment, ['FIELDTRIAL_REPOSITORY', 'FIELDTRIAL_SLOTS', 'FIELDTRIAL_IMAGE', 'FIELDTRIAL_TERMINATION_LOG']), {
        FIELDTRIAL_REPOSITORY: 'https://git.example/shop.git',
        FIELDTRIAL_SLOTS: 'shop-1,shop-2',
        FIELDTRIAL_IMAGE: podOf(only(objects, 'CronJob')).containers[0].image,
        FIELDTRIAL_TERMINATION_LOG: '/dev/termination-log',
      });
    });

    it('tests an installation by the preflight of a run as it will be', () => {
      const test = only(objects, 'Pod');
      const { args, ...container } = test.spec.containers[0];
      const { args: ofRun, ...runner } = podOf(only(objects, 'CronJob')).containers[0];

      assert.equal(test.metadata.annotations?.['helm.sh/hook'], 'test');
      assert.deepEqual([args, ofRun], [['run', '--dry-run'], ['run']]);
      assert.deepEqual(container, runner);
    });
  });

  it('is one Job per revision in mode job', async () => {
    const objects = await renderChart({ ...VALUES, mode: 'job' });

    assert.equal(only(objects, 'Job').metadata.name, 'fieldtrial-1');
    assert.equal(only(objects, 'Job').spec.ttlSecondsAfterFinished, 604_800);
    assert.ok(!objects.some(({ kind }) => kind === 'CronJob'));
  });

  it('ends a run that takes too long, where the installation says so, since a pod may wait for its image for ever', async () => {
    const deadline = async (job: object) =>
      only(await renderChart({ ...VALUES, job }), 'CronJob').spec.jobTemplate.spec.activeDeadlineSeconds;

    assert.equal(await deadline({ activeDeadlineSeconds: 86_400 }), 86_400);
    assert.equal(await deadline({}), undefined);
  });

  describe('with credentials', () => {
    it('mounts a token as a whole volume, so that it can be rotated', async () => {
      const cronJob = only(await renderChart(withGit({ url: 'https://git.example/shop.git', credentials: { secret: 'git' } })), 'CronJob');

      const { containers, volumes } = podOf(cronJob);
      assert.deepEqual(volumes[1], {
        name: 'git',
        secret: { secretName: 'git', defaultMode: 0o440, items: [{ key: 'token', path: 'token' }] },
      });
      assert.deepEqual(containers[0].volumeMounts[1], { name: 'git', mountPath: '/etc/fieldtrial/git', readOnly: true });
      assert.equal(environmentOf(cronJob)['FIELDTRIAL_GIT_TOKEN_FILE'], '/etc/fieldtrial/git/token');
    });

    it('sends a token alone where the server wants it so', async () => {
      const git = (credentials: object) => withGit({ url: 'https://git.example/shop.git', credentials: { secret: 'git', ...credentials } });

      const [bearer, basic] = await Promise.all([renderChart(git({ auth: 'bearer' })), renderChart(git({}))]);

      assert.equal(environmentOf(only(bearer, 'CronJob'))['FIELDTRIAL_GIT_AUTH'], 'bearer');
      assert.equal(environmentOf(only(basic, 'CronJob'))['FIELDTRIAL_GIT_AUTH'], undefined);
    });

    it('mounts a key that signs commits, of any Secret and with any way to the server', async () => {
      const git = {
        url: 'git@git.example:shop.git',
        credentials: { secret: 'git', type: 'ssh' },
        signing: { secret: 'signing', key: 'id' },
      };
      const cronJob = only(await renderChart(withGit(git)), 'CronJob');

      const { containers, volumes } = podOf(cronJob);
      assert.deepEqual(volumes[2], {
        name: 'signing',
        secret: { secretName: 'signing', defaultMode: 0o440, items: [{ key: 'id', path: 'signing-key' }] },
      });
      assert.deepEqual(containers[0].volumeMounts[2], { name: 'signing', mountPath: '/etc/fieldtrial/signing', readOnly: true });
      assert.equal(environmentOf(cronJob)['FIELDTRIAL_GIT_SIGNING_KEY'], '/etc/fieldtrial/signing/signing-key');
    });

    it('mounts an ssh key beside the host keys that are trusted', async () => {
      const credentials = { secret: 'git', type: 'ssh' };
      const cronJob = only(await renderChart(withGit({ url: 'git@git.example:shop.git', credentials })), 'CronJob');

      assert.deepEqual(podOf(cronJob).volumes[1].secret.items, [
        { key: 'ssh-privatekey', path: 'ssh-key' },
        { key: 'known_hosts', path: 'known-hosts' },
      ]);
      assert.deepEqual(pick(environmentOf(cronJob), ['FIELDTRIAL_GIT_SSH_KEY', 'FIELDTRIAL_GIT_KNOWN_HOSTS']), {
        FIELDTRIAL_GIT_SSH_KEY: '/etc/fieldtrial/git/ssh-key',
        FIELDTRIAL_GIT_KNOWN_HOSTS: '/etc/fieldtrial/git/known-hosts',
      });
    });

    it('puts the access of metrics and the files that it names into one folder', async () => {
      const access = {
        hosts: ['prometheus.monitoring:9090'],
        credentials: [{ host: 'prometheus.monitoring:9090', bearerTokenFile: 'token' }],
      };
      const objects = await renderChart({ ...VALUES, metrics: { access, secret: 'metrics', keysSecret: 'keys' } });

      const { volumes, containers } = podOf(only(objects, 'CronJob'));
      assert.deepEqual(volumes[1].projected.sources, [{ secret: { name: 'metrics' } }, { configMap: { name: 'fieldtrial-metrics' } }]);
      assert.deepEqual(load(only(objects, 'ConfigMap')['data']['metric-access.yaml']), access);
      assert.deepEqual(containers[0].envFrom, [{ secretRef: { name: 'keys' } }]);
      assert.equal(environmentOf(only(objects, 'CronJob'))['FIELDTRIAL_METRIC_ACCESS'], '/etc/fieldtrial/metrics/metric-access.yaml');
    });
  });

  it('hands an extra authority to Node and to git, and a proxy to both', async () => {
    const proxy = { http: 'http://proxy:3128', https: 'http://proxy:3128', noProxy: ['prometheus.monitoring'] };
    const cronJob = only(await renderChart({ ...VALUES, extraCA: { configMap: 'ca' }, proxy }), 'CronJob');

    const environment = environmentOf(cronJob);
    assert.equal(environment['NODE_EXTRA_CA_CERTS'], '/etc/fieldtrial/ca/ca.crt');
    assert.equal(environment['GIT_SSL_CAINFO'], '/etc/fieldtrial/ca/ca.crt');
    assert.deepEqual(podOf(cronJob).volumes[1], { name: 'ca', configMap: { name: 'ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } });
    assert.equal(environment['https_proxy'], 'http://proxy:3128');
    assert.match(environment['no_proxy'] ?? '', /^\$\(KUBERNETES_SERVICE_HOST\),.*,prometheus\.monitoring$/);
  });

  it('knows a remote API by a token, or by a client and its secret', async () => {
    const remote = { url: 'https://api.example.com/', secret: 'remote' };
    const byToken = only(await renderChart({ ...VALUES, remote }), 'CronJob');
    const byClient = only(await renderChart({ ...VALUES, remote: { ...remote, clientId: 'runner' } }), 'CronJob');

    assert.deepEqual(podOf(byToken).volumes[1], { name: 'remote', secret: { secretName: 'remote', defaultMode: 0o440 } });
    assert.equal(environmentOf(byToken)['FIELDTRIAL_REMOTE_TOKEN_FILE'], '/etc/fieldtrial/remote/token');
    assert.equal(environmentOf(byClient)['FIELDTRIAL_REMOTE_TOKEN_FILE'], undefined);
    assert.equal(environmentOf(byClient)['FIELDTRIAL_REMOTE_CLIENT_SECRET_FILE'], '/etc/fieldtrial/remote/client-secret');
  });

  it('limits a run as the installation says', async () => {
    const run = { experiments: ['checkout', 'search'], maxTrials: 0, maxDuration: '8h', ifHeld: 'fail', output: 'json' };
    const cronJob = only(await renderChart({ ...VALUES, run }), 'CronJob');

    const flags = ['EXPERIMENT', 'MAX_TRIALS', 'MAX_DURATION', 'IF_HELD', 'OUTPUT'].map((name) => `FIELDTRIAL_${name}`);
    assert.deepEqual(Object.values(pick(environmentOf(cronJob), flags)), ['checkout,search', '0', '8h', 'fail', 'json']);
  });

  it('creates the slots that it is told to create, and leaves them when it goes', async () => {
    const slots = ['shop-1', { name: 'shop-2', create: true, labels: { 'fieldtrial.dev/slot': 'shop' } }];
    const slotDefaults = {
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      resourceQuota: { hard: { pods: '20' } },
      networkPolicy: { podSelector: {}, policyTypes: ['Ingress'] },
    };
    const objects = await renderChart({ ...VALUES, slots, slotDefaults });

    const { name, labels = {}, annotations = {} } = only(objects, 'Namespace').metadata;
    assert.equal(name, 'shop-2');
    assert.equal(labels['fieldtrial.dev/slot'], 'shop');
    assert.equal(labels['pod-security.kubernetes.io/enforce'], 'restricted');
    assert.equal(annotations['helm.sh/resource-policy'], 'keep');
    assert.equal(annotations['argocd.argoproj.io/sync-options'], 'Prune=false');
    assert.deepEqual(named(objects.filter(({ kind }) => ['ResourceQuota', 'NetworkPolicy'].includes(kind))), [
      'NetworkPolicy shop-1/fieldtrial',
      'NetworkPolicy shop-2/fieldtrial',
      'ResourceQuota shop-1/fieldtrial',
      'ResourceQuota shop-2/fieldtrial',
    ]);
  });

  it('gives setup tasks what the operator says, and nothing else', async () => {
    const rules = [{ apiGroups: [''], resources: ['services'], verbs: ['get', 'create', 'delete'] }];
    const objects = await renderChart({ ...VALUES, slots: ['shop-1'], setup: { rules, imagePullSecrets: ['registry'] } });

    const ofSetup = objects.filter(({ metadata }) => metadata.name === 'fieldtrial-setup');
    assert.deepEqual(named(ofSetup), [
      'Role shop-1/fieldtrial-setup',
      'RoleBinding shop-1/fieldtrial-setup',
      'ServiceAccount shop-1/fieldtrial-setup',
    ]);
    assert.deepEqual(only(ofSetup, 'Role')['rules'], rules);
    assert.deepEqual(only(ofSetup, 'ServiceAccount')['imagePullSecrets'], [{ name: 'registry' }]);
  });

  it('lists namespaces for selectors, and binds nothing in slots that it does not know', async () => {
    const objects = await renderChart({ ...VALUES, slots: [], access: { selectors: true } });

    const clusterWide = objects.filter(({ kind }) => kind.startsWith('Cluster'));
    assert.deepEqual(named(clusterWide), ['ClusterRole fieldtrial', 'ClusterRole fieldtrial-slot', 'ClusterRoleBinding fieldtrial']);
    const [finds] = clusterWide.filter(({ metadata }) => metadata.name === 'fieldtrial');
    assert.deepEqual(finds?.['rules'], [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }]);
  });

  describe('that lets the runner create namespaces', () => {
    const onDemand = [
      { name: 'shop-1', onDemand: true },
      { name: 'shop-2', onDemand: true },
    ];
    const rules = [{ apiGroups: [''], resources: ['services'], verbs: ['create'] }];
    const values = {
      ...VALUES,
      slots: onDemand,
      slotDefaults: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted', fence: 'high' }, resourceQuota: { hard: { pods: 9 } } },
      setup: { rules },
      access: { createNamespaces: true },
    };
    let objects: KubeObject[];

    before(async () => {
      objects = await renderChart(values);
    });

    it('lets namespaces be listed where no slots are, since then a namespaceSelector finds them', async () => {
      const listing = (rendered: readonly KubeObject[]) =>
        rendered
          .flatMap(({ kind, rules: granted = [] }) =>
            kind === 'ClusterRole' ? (granted as { resources: string[]; verbs: string[] }[]) : [],
          )
          .filter(({ resources, verbs }) => resources.includes('namespaces') && verbs.includes('list'));

      assert.deepEqual(listing(objects), []);
      assert.equal(listing(await renderChart({ ...values, slots: [] })).length, 1);
    });

    it('puts nothing into those that are created on demand', () => {
      assert.deepEqual(
        objects.filter(({ metadata }) => metadata.namespace?.startsWith('shop-')),
        [],
      );
    });

    it('grants what that takes in one ClusterRole, and the rights in slots and of setup tasks only where they are bound', () => {
      const wide = objects.filter(({ kind }) => kind.startsWith('Cluster'));

      assert.deepEqual(named(wide), [
        'ClusterRole fieldtrial',
        'ClusterRole fieldtrial-setup',
        'ClusterRole fieldtrial-slot',
        'ClusterRoleBinding fieldtrial',
      ]);
      const [creates, setup] = ['fieldtrial', 'fieldtrial-setup'].map(
        (name) => wide.find(({ metadata }) => metadata.name === name)!['rules'],
      );
      assert.deepEqual(creates, [
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create'] },
        { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['create'] },
        { apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'], verbs: ['create'] },
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterroles'],
          resourceNames: ['fieldtrial-slot', 'fieldtrial-setup'],
          verbs: ['bind'],
        },
      ]);
      assert.deepEqual(setup, rules);
    });

    it('tells the runner the roles, and the labels that no experiment can take away', () => {
      const environment = environmentOf(only(objects, 'CronJob'));

      assert.deepEqual(pick(environment, ['FIELDTRIAL_SLOTS', 'FIELDTRIAL_SLOT_ROLE', 'FIELDTRIAL_SETUP_ROLE', 'FIELDTRIAL_SLOT_LABELS']), {
        FIELDTRIAL_SLOTS: 'shop-1,shop-2',
        FIELDTRIAL_SLOT_ROLE: 'fieldtrial-slot',
        FIELDTRIAL_SETUP_ROLE: 'fieldtrial-setup',
        FIELDTRIAL_SLOT_LABELS: 'fence=high,pod-security.kubernetes.io/enforce=restricted',
      });
    });

    it('needs no list', async () => {
      const { FIELDTRIAL_SLOTS } = environmentOf(only(await renderChart({ ...values, slots: [] }), 'CronJob'));

      assert.equal(FIELDTRIAL_SLOTS, undefined);
    });
  });

  it('lets nothing into the runner, and out of it what the operator says', async () => {
    const egress = [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }];
    const policy = only(await renderChart({ ...VALUES, networkPolicy: { enabled: true, egress } }), 'NetworkPolicy');

    assert.deepEqual(policy.spec.ingress, []);
    assert.deepEqual(policy.spec.egress.slice(1), egress);
    assert.deepEqual(policy.spec.policyTypes, ['Ingress', 'Egress']);
  });

  it('places the runner where the operator says', async () => {
    const placed = {
      resources: { requests: { cpu: '1' } },
      nodeSelector: { pool: 'tools' },
      tolerations: [{ key: 'tools', operator: 'Exists' }],
      priorityClassName: 'high',
      podLabels: { team: 'shop' },
      podAnnotations: { note: 'x' },
      runAsUser: null,
    };
    const objects = await renderChart({ ...VALUES, ...placed });

    const { nodeSelector, tolerations, priorityClassName, containers, securityContext } = podOf(only(objects, 'CronJob'));
    assert.deepEqual(
      { nodeSelector, tolerations, priorityClassName },
      {
        nodeSelector: placed.nodeSelector,
        tolerations: placed.tolerations,
        priorityClassName: 'high',
      },
    );
    assert.equal(containers[0].resources.requests.cpu, '1');
    assert.equal(securityContext.runAsUser, undefined);
    const { labels, annotations } = only(objects, 'Pod').metadata;
    assert.deepEqual([labels?.['team'], annotations?.['note'], annotations?.['helm.sh/hook']], ['shop', 'x', 'test']);
  });

  describe('refuses', () => {
    const refusals: [what: string, values: object, says: RegExp][] = [
      ['a value that does not exist', { ...VALUES, slot: ['shop-1'] }, /at '': additional properties 'slot' not allowed/],
      ['a mode that does not exist', { ...VALUES, mode: 'cron' }, /at '\/mode': value must be one of 'cronjob', 'job', 'argocd-hook'/],
      ['a name that is no namespace', { ...VALUES, slots: ['Shop_1'] }, /at '\/slots\/0': 'Shop_1' does not match pattern/],
      ['a number that is text', { ...VALUES, job: { backoffLimit: 'three' } }, /at '\/job\/backoffLimit': got string, want integer/],
      ['a duration without its unit', { ...VALUES, run: { maxDuration: '8' } }, /at '\/run\/maxDuration': '8' does not match pattern/],
      [
        'a farewell that is too short',
        { ...VALUES, terminationGracePeriodSeconds: 30 },
        /at '\/terminationGracePeriodSeconds': minimum: got 30, want 50/,
      ],
      ['no repository', { slots: ['shop-1'] }, /git\.url is missing: the URL of the repository of the experiments/],
      [
        'a password in the URL',
        withGit({ url: 'https://me:secret@git.example/shop.git' }),
        /git\.url must not hold a login: put the token into a Secret/,
      ],
      [
        'a token in the place of the user name',
        withGit({ url: 'https://ghp_secrettoken@git.example/shop.git' }),
        /git\.url must not hold a login: put the token into a Secret/,
      ],
      [
        'a token for ssh',
        withGit({ url: 'git@git.example:shop.git', credentials: { secret: 'git' } }),
        /type is token, but git\.url "git@git\.example:shop\.git" is not an https URL/,
      ],
      [
        'an ssh key for https',
        withGit({ url: 'https://git.example/shop.git', credentials: { secret: 'git', type: 'ssh' } }),
        /type is ssh, but git\.url .* is not an ssh URL/,
      ],
      [
        'a bearer token for ssh',
        withGit({ url: 'git@git.example:shop.git', credentials: { secret: 'git', type: 'ssh', auth: 'bearer' } }),
        /git\.credentials\.auth is bearer, which is a way to send a token, but type is ssh/,
      ],
      ['no slot', { git: VALUES.git }, /slots is empty: name at least one namespace for trials, or set access\.selectors/],
      ['its own namespace as a slot', { ...VALUES, slots: ['fieldtrial'] }, /slots: "fieldtrial" is the namespace of this release/],
      [
        'labels of a namespace that it does not create',
        { ...VALUES, slots: [{ name: 'shop-1', labels: { a: 'b' } }] },
        /slots: "shop-1" has labels but not create: true/,
      ],
      [
        'a slot on demand that nobody may create',
        { ...VALUES, slots: [{ name: 'shop-1', onDemand: true }] },
        /slots: "shop-1" is onDemand, which needs access\.createNamespaces/,
      ],
      [
        'a slot that two would create',
        { ...VALUES, slots: [{ name: 'shop-1', onDemand: true, create: true }], access: { createNamespaces: true } },
        /slots: "shop-1" is created by the chart or by the runner/,
      ],
      [
        'labels of its own for a slot on demand',
        { ...VALUES, slots: [{ name: 'shop-1', onDemand: true, labels: { a: 'b' } }], access: { createNamespaces: true } },
        /slots: "shop-1" is onDemand, so its labels are those of slotDefaults/,
      ],
      [
        'creating namespaces beyond a list of others',
        { ...VALUES, access: { createNamespaces: true } },
        /access\.createNamespaces has no effect, since slots is the ceiling and none of it is onDemand/,
      ],
      [
        'a client of a remote API without its secret',
        { ...VALUES, remote: { url: 'https://api.example.com', clientId: 'runner' } },
        /remote\.clientId needs its secret/,
      ],
      ['a hook that nothing can start', { ...VALUES, mode: 'argocd-hook' }, /mode argocd-hook has no experiments to look at/],
    ];

    for (const [what, values, says] of refusals) {
      it(what, async () => {
        await assert.rejects(renderChart(values), says);
      });
    }
  });
});

function withGit(git: object): object {
  return { ...VALUES, git };
}

function named(objects: readonly KubeObject[]): string[] {
  return objects
    .map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`)
    .toSorted();
}

function podOf({ kind, spec }: KubeObject): any {
  return (kind === 'CronJob' ? spec.jobTemplate.spec : spec).template.spec;
}

function environmentOf(object: KubeObject): Record<string, string> {
  return Object.fromEntries(podOf(object).containers[0].env.map(({ name, value }: { name: string; value: string }) => [name, value]));
}

function pick(from: Record<string, string>, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
