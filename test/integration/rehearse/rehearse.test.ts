import assert from 'node:assert/strict';
import { dump } from 'js-yaml';
import { formatRehearsals } from '../../../runner/rehearse/format-rehearsal.ts';
import type { Rehearsal } from '../../../runner/rehearse/rehearse-experiment.ts';
import { experimentFile, experimentText } from '../../support/definitions.ts';
import type { Files } from '../../support/git-repository.ts';
import { rehearseFiles } from '../../support/rehearse-files.ts';

const APP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: app, image: "app:1", resources: {requests: {cpu: 100m}}}]}
`;

const DB = APP.replaceAll(/\bapp\b(?!:)/g, 'db');

/** The experiment `sizing` with these parts in place of its own, beside the manifest of what it patches. */
function repository(spec: Record<string, unknown> = {}, files: Files = { 'deploy/app.yaml': APP }): Files {
  const experiment = {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'sizing' },
    spec: {
      suggest: { source: 'grid' },
      parameters: [{ name: 'cpu', min: 1, max: 4, baseline: 2 }],
      metrics: [{ name: 'cost', minimize: true, query: '{{values.cpu}}' }],
      patches: [patchOf('apps/v1 Deployment app', 'spec: {replicas: {{values.cpu}} }')],
      trialTemplate: { spec: { approximateRuntime: '1s' } },
      ...spec,
    },
  };
  return { [experimentFile('sizing')]: dump(experiment), ...files };
}

function patchOf(target: string, patch: string, more: object = {}) {
  const [apiVersion, kind, name] = target.split(' ');
  return { targetRef: { apiVersion, kind, name }, patch, ...more };
}

async function rehearseOne(...args: Parameters<typeof rehearseFiles>): Promise<Rehearsal> {
  const { rehearsals, problems } = await rehearseFiles(...args);
  assert.deepEqual(problems, []);
  return rehearsals[0]!;
}

const phases = ({ trials }: Rehearsal) => trials.map(({ record: { status } }) => status.failure?.reason ?? status.phase);
const valuesOf = ({ trials }: Rehearsal) =>
  trials.map(({ record: { status } }) => Object.fromEntries(status.values.map(({ name, value }) => [name, value])));

describe('a rehearsal', function () {
  this.timeout('60s');

  it('runs the baseline and one more trial to their records', async () => {
    const rehearsal = await rehearseOne(repository());

    assert.deepEqual(rehearsal.problems, []);
    assert.deepEqual(rehearsal.notices, []);
    assert.deepEqual(
      rehearsal.trials.map(({ record: { metadata, spec, status } }) => [metadata.name, spec.source.type, status.phase]),
      [
        ['sizing-001', 'baseline', 'Completed'],
        ['sizing-002', 'grid', 'Completed'],
      ],
    );
  });

  it('tells the same of the same files', async () => {
    const trialTemplate = { spec: { timeouts: { stabilize: '1m' } } };
    const files = repository(
      { trialTemplate },
      { 'deploy/app.yaml': APP.replace('labels: {app: app}}', `${slow('100h')}, labels: {app: app}}`) },
    );

    const [once, again] = [await rehearseFiles(files), await rehearseFiles(files)];

    assert.match(formatRehearsals(once), /ReadinessTimeout/);
    assert.equal(formatRehearsals(once), formatRehearsals(again));
  });

  it('tries so many trials as it is told, also of an experiment that nobody suggests anything for, or that is paused', async () => {
    const rehearsal = await rehearseOne(repository({ suggest: undefined, replicas: 0 }), { trials: 3 });

    assert.deepEqual(phases(rehearsal), ['Completed', 'Completed', 'Completed']);
  });

  it('says how many points the infrastructure kept it from, and counts none that there is not', async () => {
    const evicted = { metadata: { annotations: { 'sandbox.fieldtrial.dev/fail': 'Evicted' } } };
    const oneValue = [{ name: 'cpu', min: 2, max: 2, baseline: 2 }];

    const [lost, few] = [
      await rehearseFiles(
        repository({ trialTemplate: { spec: { approximateRuntime: '1m', jobTemplate: { spec: { template: evicted } } } } }),
      ),
      await rehearseFiles(repository({ parameters: oneValue })),
    ];

    assert.match(formatRehearsals(lost), /, nothing is wrong, but 2 of 2 trials could not be rehearsed\.\n/);
    assert.match(formatRehearsals(few), /, nothing is wrong\.\n/);
  });

  it('shows what each patch changes', async () => {
    const rehearsals = await rehearseFiles(repository());

    assert.match(
      formatRehearsals(rehearsals),
      /```diff\n--- Deployment\/app before\n\+{3} Deployment\/app after\n[^`]*\n-  replicas: 1\n\+  replicas: 2\n/,
    );
  });

  it('does not show what a Secret holds', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: before-42}\n';
    const patches = [patchOf('v1 Secret login', 'stringData: {password: "after-{{values.cpu}}"}')];

    const rehearsals = await rehearseFiles(repository({ patches }, { 'deploy/login.yaml': secret }));

    const text = formatRehearsals(rehearsals) + JSON.stringify(rehearsals.problems);
    assert.match(text, /Secret login is patched; what a Secret holds is not shown/);
    for (const password of ['before-42', 'after-2'])
      assert.ok(!text.includes(Buffer.from(password).toString('base64')) && !text.includes(password));
  });

  it('says of an invalid experiment what is wrong, and rehearses the others', async () => {
    const broken = { [experimentFile('broken')]: experimentText('broken', (text) => text.replace('values.cpu}} }', 'values.cpus}} }')) };

    const { rehearsals, problems } = await rehearseFiles({ ...repository(), ...broken });

    assert.deepEqual(rehearsals.map(phases), [['Completed', 'Completed']]);
    assert.match(problems.join('\n'), /^experiments\/broken\/experiment\.yaml:12: spec\.patches\[0\]\.patch: .*values\.cpus/);
  });
});

describe('a rehearsal finds', function () {
  this.timeout('60s');

  const container = (fields: string) => `spec: {template: {spec: {containers: [${fields}]}}}`;

  const faults: [what: string, files: () => Files, says: RegExp][] = [
    [
      'a field that a patch misspells, which a cluster drops',
      () => repository({ patches: [patchOf('apps/v1 Deployment app', container('{name: app, resources: {limit: {cpu: 1}}}'))] }),
      /^experiments\/sizing\/experiment\.yaml:\d+: spec\.patches\[0\]\.patch: Deployment app: unknown field ".*resources\.limit" is dropped/,
    ],
    [
      'a patch of a field that cannot change',
      () => repository({ patches: [patchOf('apps/v1 Deployment app', 'spec: {selector: {matchLabels: {tier: web}}}')] }),
      /^patch: PatchFailed: patches\[0\]: Deployment app: .*immutable/,
    ],
    [
      'a patch of a container that is not there',
      () => repository({ patches: [patchOf('apps/v1 Deployment app', container('{name: ap, resources: {limits: {cpu: 1}}}'))] }),
      /^patch: PatchFailed: .*spec\.template\.spec\.containers\[\d\]\.image: Required value/,
    ],
    [
      'a strategic patch of a custom resource',
      () => repository({ patches: [patchOf('example.com/v1 Widget app', 'spec: {size: {{values.cpu}} }')] }),
      /^patch: PatchFailed: .*accepted media types include/,
    ],
    [
      'a JSON patch of what is not there',
      () =>
        repository({
          patches: [
            patchOf('apps/v1 Deployment app', '[{op: replace, path: /spec/template/spec/containers/3/image, value: b}]', { type: 'json' }),
          ],
        }),
      /^patch: PatchFailed: patches\[0\]: Deployment app: /,
    ],
    [
      'a rollout that never ends',
      () => repository({}, { 'deploy/app.yaml': APP.replace('labels: {app: app}}', `${slow('100h')}, labels: {app: app}}`) }),
      /^stabilize: ReadinessTimeout: Deployment app: .* after 10m$/,
    ],
    [
      'a rollout for which a quota has no room',
      () =>
        repository(
          {},
          { 'deploy/app.yaml': `${APP}---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: pods}\nspec: {hard: {pods: "1"}}\n` },
        ),
      /^stabilize: (ReadinessTimeout|ProgressDeadlineExceeded|FailedCreate): Deployment app/,
    ],
    [
      'a crash that the manifest scripts',
      () =>
        repository(
          {},
          {
            'deploy/app.yaml': APP.replace(
              'labels: {app: app}}',
              'annotations: {sandbox.fieldtrial.dev/fail: CrashLoopBackOff, sandbox.fieldtrial.dev/ready-after: 5s}, labels: {app: app}}',
            ),
          },
        ),
      /^stabilize: CrashLoopBackOff: Deployment app/,
    ],
    [
      'a Job that cannot be created',
      () =>
        repository({
          trialTemplate: {
            spec: {
              jobTemplate: { spec: { template: { spec: { restartPolicy: 'Always', containers: [{ name: 'load', image: 'k6' }] } } } },
            },
          },
        }),
      /^run: Invalid: .*restartPolicy/,
    ],
    [
      'a field of the trial Job that is misspelled',
      () =>
        repository({
          trialTemplate: {
            spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load', image: 'k6', comand: ['x'] }] } } } } },
          },
        }),
      /^the trial template: Job: unknown field "spec\.template\.spec\.containers\[0\]\.comand" is dropped/,
    ],
    [
      'a query that reads what its target does not have',
      () =>
        repository({
          metrics: [{ name: 'cost', query: '{{target.spec.replica}}', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' } }],
        }),
      /^collect: MetricFailed: metric cost: .*target\.spec\.replica/,
    ],
    [
      'a setup manifest that no cluster takes',
      () =>
        repository(
          { trialTemplate: { spec: { setupTasks: [{ name: 'db', manifests: ['setup/db.yaml'] }] } } },
          { 'deploy/app.yaml': APP, 'setup/db.yaml': DB.replace('matchLabels: {app: db}', 'matchLabels: {app: x}') },
        ),
      /^setup-create: SetupJobFailed: .*selector/,
    ],
  ];
  const found: Rehearsal[] = [];

  before(async () => {
    // Four at once: most of a rehearsal is waiting for git.
    const waiting = faults.entries();
    const work = async () => {
      for (const [index, [, files]] of waiting) found[index] = await rehearseOne(files());
    };
    await Promise.all(Array.from({ length: 4 }, work));
  });

  for (const [index, [what, , says]] of faults.entries()) {
    it(what, () => {
      const { problems, trials } = found[index]!;

      assert.match(problems[0] ?? 'nothing', says);
      assert.ok(trials.length > 0);
    });
  }

  it('the trial Job that is refused beside a patch that is, each once', async () => {
    const load = { name: 'load', image: 'k6', volumeMounts: [{ name: 'nov', mountPath: '/data' }] };
    const { problems, notices } = await rehearseOne(
      repository({
        patches: [patchOf('apps/v1 Deployment app', 'spec: {selector: {matchLabels: {tier: web}}}')],
        trialTemplate: { spec: { jobTemplate: { spec: { template: { spec: { containers: [load] } } } } } },
      }),
    );

    assert.equal(problems.length, 2);
    assert.match(problems[0]!, /^patch: PatchFailed: patches\[0\]: Deployment app: .*immutable/);
    assert.match(problems[1]!, /^preflight: Job TRIAL: .*volumeMounts\[0\]\.name: Not found: "nov"$/);
    assert.deepEqual(notices, []);
  });

  it('no fault in a patch that fits on what the one before it leaves', async () => {
    const json = (operations: string) => patchOf('apps/v1 Deployment app', operations, { type: 'json' });

    const { problems, notices } = await rehearseOne(
      repository({
        patches: [
          json('[{op: add, path: /spec/template/metadata/annotations, value: {size: a}}]'),
          json('[{op: replace, path: /spec/template/metadata/annotations/size, value: b}]'),
        ],
      }),
    );

    assert.deepEqual(problems, []);
    assert.match(
      notices.join('\n'),
      /^the preflight says that the first trial would fail, and it did not: patches\[1\] of Deployment app: .*$/,
    );
  });

  it('what fails at the other point, once the baseline has failed', async () => {
    const rehearsal = await rehearseOne(
      repository({
        parameters: [{ name: 'cpu', min: -1, max: 4, baseline: -1 }],
        metrics: [{ name: 'cost', max: 1, query: '{{values.cpu}}' }],
      }),
    );

    assert.deepEqual(phases(rehearsal), ['PatchFailed', 'MetricBound']);
    assert.equal(rehearsal.problems.length, 1);
    assert.deepEqual(rehearsal.notices, []);
  });

  it('a manifest that no cluster takes, where somebody named it', async () => {
    const files = repository({}, { 'deploy/app.yaml': APP.replace('matchLabels: {app: app}', 'matchLabels: {app: other}') });

    const { problems } = await rehearseOne(files, { manifests: ['deploy'] });

    assert.match(problems[0] ?? '', /^deploy\/app\.yaml: Deployment app is refused: .*selector/);
  });

  it('a pod for which no node is large enough, once it knows how large nodes are', async () => {
    const files = repository({
      patches: [patchOf('apps/v1 Deployment app', container('{name: app, resources: {requests: {cpu: "{{values.cpu}}"}}}'))],
    });

    const [anywhere, small] = [await rehearseOne(files), await rehearseOne(files, { node: { cpu: '1' } })];

    assert.deepEqual(anywhere.problems, []);
    assert.match(small.problems[0] ?? '', /^stabilize: Unschedulable: .*Insufficient cpu/);
  });

  it('no fault in values beyond a bound', async () => {
    const rehearsal = await rehearseOne(
      repository({ metrics: [{ name: 'cost', max: 1, query: '{{values.cpu}}' }], parameters: [{ name: 'cpu', min: 2, max: 4 }] }),
    );

    assert.deepEqual(phases(rehearsal), ['MetricBound', 'MetricBound']);
    assert.deepEqual(rehearsal.problems, []);
  });
});

describe('for a rehearsal', function () {
  this.timeout('60s');

  it('targets that are in no manifest are made up, of any kind', async () => {
    const patches = [
      patchOf('v1 ConfigMap settings', 'data: {size: "{{values.cpu}}"}'),
      patchOf(
        'apps/v1 StatefulSet db',
        '[{op: replace, path: /spec/template/spec/containers/0/resources/limits/cpu, value: "{{values.cpu}}"}]',
        { type: 'json' },
      ),
      patchOf('example.com/v1 Widget app', 'spec: {size: {{values.cpu}} }', { type: 'merge' }),
      patchOf('autoscaling/v2 HorizontalPodAutoscaler app', 'spec: {minReplicas: {{values.cpu}} }'),
    ];

    const rehearsal = await rehearseOne(repository({ patches }, {}));

    assert.deepEqual(rehearsal.problems, []);
    assert.deepEqual(phases(rehearsal), ['Completed', 'Completed']);
    assert.equal(rehearsal.notices.filter((notice) => /is in no manifest that can be used, so it is made up/.test(notice)).length, 4);
    assert.ok(rehearsal.notices.some((notice) => notice.startsWith('Widget (example.com/v1) is taken as it comes')));
  });

  it('conditions that nobody sets are made up', async () => {
    const patches = [
      patchOf('example.com/v1 Widget app', 'spec: {size: {{values.cpu}} }', {
        type: 'merge',
        readinessGates: [{ conditionType: 'Synced' }],
      }),
    ];
    const readinessGates = [
      { apiVersion: 'example.com/v1', kind: 'Widget', name: 'app', conditionTypes: ['fieldtrial.dev/status-phase-running'] },
    ];

    const rehearsal = await rehearseOne(repository({ patches, trialTemplate: { spec: { readinessGates } } }, {}));

    assert.deepEqual(rehearsal.problems, []);
    assert.ok(rehearsal.notices.some((notice) => notice.startsWith('Widget app is taken to meet Synced')));
  });

  it('objects that a gate knows by their labels are made up, and are what it waits for', async () => {
    const readinessGates = [
      { apiVersion: 'example.com/v1', kind: 'Widget', selector: { matchLabels: { tier: 'cache' } }, conditionTypes: ['Ready'] },
      { apiVersion: 'v1', kind: 'Pod', selector: { matchLabels: { tier: 'cache' } }, conditionTypes: ['fieldtrial.dev/pod-ready'] },
    ];

    const rehearsal = await rehearseOne(repository({ trialTemplate: { spec: { readinessGates } } }));

    assert.deepEqual(rehearsal.problems, []);
    assert.deepEqual(phases(rehearsal), ['Completed', 'Completed']);
    assert.ok(
      rehearsal.notices.includes('no Pod with the labels of readinessGates[1] is in a manifest that can be used, so one is made up'),
    );
  });

  it('targets of the whole cluster are there as well', async () => {
    const patches = [patchOf('scheduling.k8s.io/v1 PriorityClass batch', 'metadata: {labels: {cpu: "{{values.cpu}}"}}')];
    const priority = 'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: batch}\nvalue: 100\n';

    const rehearsal = await rehearseOne(repository({ patches }, { 'deploy/priority.yaml': priority }));

    assert.deepEqual(rehearsal.problems, []);
    assert.deepEqual(rehearsal.notices, []);
  });

  it('metrics are measured where that can be, and take their samples elsewhere', async () => {
    const metrics = [
      {
        name: 'p95',
        type: 'prometheus',
        url: 'http://prometheus:9090',
        query: 'up{namespace="{{trial.namespace}}"}[{{range}}]',
        sample: '0.25',
      },
      { name: 'errors', type: 'prometheus', url: 'http://prometheus:9090', query: 'errors', max: 10 },
      { name: 'hits', type: 'datadog', query: 'sum:hits{*}.as_count()', sample: 12 },
      { name: 'sold', type: 'jsonpath', url: 'http://shop/{{trial.namespace}}', query: '{.sold}', sample: 3 },
      { name: 'requests', type: 'logs', query: String.raw`requests=(\d+)`, sample: 42 },
      { name: 'rate', type: 'logs', format: 'json', query: 'summary.rate', sample: 1.5 },
      { name: 'cores', query: '{{resourceRequests target "cpu=1"}}', target: { kind: 'PodList', matchLabels: { app: 'app' } } },
      {
        name: 'elsewhere',
        query: '{{resourceRequests target "cpu=1"}}',
        target: { kind: 'PodList', matchLabels: { app: 'other' } },
        sample: 7,
      },
    ];

    const rehearsal = await rehearseOne(repository({ metrics }));

    assert.deepEqual(rehearsal.problems, []);
    const [first] = valuesOf(rehearsal);
    assert.deepEqual(
      { ...first, errors: 0 },
      { p95: 0.25, errors: 0, hits: 12, sold: 3, requests: 42, rate: 1.5, cores: 200, elsewhere: 7 },
    );
    assert.ok(first!['errors']! > 0 && first!['errors']! < 10);
    assert.ok(rehearsal.notices.includes('metric p95 (prometheus) is not asked: its value is the sample 0.25'));
  });

  it('what manifests of the setup create is there for patches, and gone afterwards', async () => {
    const trialTemplate = { spec: { setupTasks: [{ name: 'app', manifests: ['setup'] }] } };

    const rehearsal = await rehearseOne(
      repository({ trialTemplate }, { 'setup/app.yaml': APP.replace('image: "app:1"', 'image: "app:{{values.cpu}}"') }),
    );

    assert.deepEqual(rehearsal.problems, []);
    assert.deepEqual(rehearsal.notices, []);
    // The second trial meets a new Deployment, not the one that the first has patched.
    assert.deepEqual(
      rehearsal.trials.map(({ changes }) => changes.map(({ before, after }) => [before.spec.replicas, after.spec.replicas])),
      [[[1, 2]], [[1, 1]]],
    );
  });

  it('charts are rendered by helm, and left out with a word where there is none', async () => {
    const trialTemplate = {
      spec: { setupTasks: [{ name: 'app', helmChart: 'charts/app', helmValues: [{ name: 'cpu', value: '{{values.cpu}}' }] }] },
    };
    const files = repository({ trialTemplate }, { 'charts/app/Chart.yaml': 'name: app\nversion: 0.1.0\n' });
    const calls: string[][] = [];
    const helm = async (args: readonly string[]) => {
      calls.push([...args]);
      return APP;
    };

    const [rendered, without] = [await rehearseOne(files, { helm }), await rehearseOne(files)];

    assert.deepEqual([rendered.problems, without.problems], [[], []]);
    assert.deepEqual(rendered.notices, []);
    const templates = calls.filter((args) => args.includes('--namespace'));
    assert.equal(templates.length, 2);
    assert.deepEqual(templates[0]!.slice(3), ['--namespace', 'rehearsal', '--set-json', 'cpu=2', '--no-hooks', '--skip-tests']);
    assert.ok(without.notices.some((notice) => notice.startsWith('helm is not installed, so release app is left out')));
    assert.ok(without.notices.some((notice) => notice.startsWith('Deployment app is in no manifest that can be used, so it is made up')));
  });

  it('charts that helm would have to fetch are left out, and values that only the cluster has are made up', async () => {
    const task = { name: 'db', helmChart: 'oci://registry.example/charts/db', helmValuesFrom: [{ configMap: { name: 'db-values' } }] };
    const helm = () => Promise.resolve('');

    const rehearsal = await rehearseOne(repository({ trialTemplate: { spec: { setupTasks: [task] } } }), { helm });

    assert.deepEqual(phases(rehearsal), ['Completed', 'Completed']);
    assert.deepEqual(rehearsal.notices, [
      'ConfigMap db-values is in no manifest that can be used, so it is made up from what the experiment says of it',
      'chart oci://registry.example/charts/db is not in the repository, so release db is left out: what it would create is not there',
    ]);
  });

  it('a chart that helm refuses fails its setup task with the words of helm', async () => {
    const trialTemplate = { spec: { setupTasks: [{ name: 'app', helmChart: 'charts/app' }] } };
    const files = repository({ trialTemplate, patches: [] }, { 'charts/app/Chart.yaml': 'name: app\nversion: 0.1.0\n' });
    const helm = () =>
      Promise.reject(Object.assign(new Error('Command failed'), { stderr: 'Error: nil pointer evaluating interface {}.size\n' }));

    const { problems } = await rehearseOne(files, { helm });

    assert.match(problems[0] ?? '', /^setup-create: SetupJobFailed: .*nil pointer evaluating interface/);
  });

  it('a setup task with an image of its own ends well, with a word', async () => {
    const rehearsal = await rehearseOne(repository({ trialTemplate: { spec: { setupTasks: [{ name: 'seed', image: 'seed:1' }] } } }));

    assert.deepEqual(phases(rehearsal), ['Completed', 'Completed']);
    assert.deepEqual(rehearsal.notices, ['setup task seed (seed:1) is not run: what it does is not there, and it ends well']);
  });

  it('the manifest nearest to the experiment counts, and named ones before all others', async () => {
    const files = repository(
      {},
      {
        'deploy/app.yaml': APP,
        'experiments/sizing/slot/app.yaml': APP.replace('metadata: {name: app}', 'metadata: {name: app, labels: {near: "yes"}}'),
      },
    );

    const [nearest, named] = [await rehearseOne(files), await rehearseOne(files, { manifests: ['deploy'] })];

    assert.deepEqual(
      [nearest, named].map(({ trials }) => trials[0]!.changes[0]!.before.metadata.labels),
      [{ near: 'yes' }, undefined],
    );
    assert.deepEqual(nearest.notices, [
      'Deployment app is taken from experiments/sizing/slot/app.yaml; it is also in deploy/app.yaml (--manifests chooses)',
    ]);
  });

  it('a part of a manifest, such as an overlay has, is passed over and no fault of the experiment', async () => {
    const overlay = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, namespace: prod}\nspec: {replicas: 0}\n';

    const [beside, alone] = [
      await rehearseOne(repository({}, { 'deploy/aaa.yaml': overlay, 'deploy/app.yaml': APP })),
      await rehearseOne(repository({}, { 'deploy/aaa.yaml': overlay })),
    ];

    assert.deepEqual([beside.problems, alone.problems], [[], []]);
    const [passedOver, ...others] = beside.notices;
    assert.match(passedOver ?? '', /^deploy\/aaa\.yaml: Deployment app is passed over, because a cluster refuses it: .*selector/);
    assert.deepEqual(others, []);
    assert.equal(beside.trials[0]!.changes[0]!.before.spec.replicas, 1);
    assert.deepEqual(alone.notices, [
      passedOver,
      'Deployment app is in no manifest that can be used, so it is made up from what the experiment says of it',
    ]);
  });

  it('what stands beside a manifest and is refused is left out with a word', async () => {
    const beside = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n';

    const { problems, notices } = await rehearseOne(repository({}, { 'deploy/app.yaml': `${APP}---\n${beside}` }));

    assert.deepEqual(problems, []);
    assert.match(notices[0] ?? '', /^deploy\/app\.yaml: ConfigMap Not_A_Name is left out, because a cluster refuses it: /);
    assert.equal(notices.length, 1);
  });

  it('a folder of manifests that is named must be there and be YAML', async () => {
    const files = { ...repository(), 'broken/app.yaml': 'kind: [' };

    const { problems } = await rehearseOne(files, { manifests: ['nowhere', 'broken'] });

    assert.equal(problems[0], 'nowhere: there is no such file or folder in the repository');
    assert.match(problems[1] ?? '', /^broken\/app\.yaml:\d+: /);
  });
});

describe('a rehearsal with chaos', function () {
  this.timeout('60s');

  for (const seed of [1, 2, 10]) {
    it(`brings every point to its end, and blames no experiment (seed ${seed})`, async () => {
      const trialTemplate = { spec: { approximateRuntime: '1m', setupTasks: [{ name: 'db', manifests: ['setup/db.yaml'] }] } };
      const files = repository({ trialTemplate }, { 'deploy/app.yaml': APP, 'setup/db.yaml': DB });

      const rehearsal = await rehearseOne(files, { chaos: seed });

      assert.deepEqual(rehearsal.problems, []);
      assert.ok(rehearsal.injected.length > 0);
      assert.ok(rehearsal.trials.every(({ record: { status } }) => status.phase === 'Completed' || status.failure!.infrastructure));
      assert.equal(phases(rehearsal).filter((phase) => phase === 'Completed').length, 2);
      assert.equal(rehearsal.missed, 0);
    });
  }
});

function slow(duration: string): string {
  return `annotations: {sandbox.fieldtrial.dev/ready-after: ${duration}}`;
}
