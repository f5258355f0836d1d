import assert from 'node:assert/strict';
import { load } from 'js-yaml';
import { convertExperiment } from '../../../../runner/definition/legacy/convert-experiment.ts';
import { originalPath } from '../../../../runner/definition/legacy/report.ts';
import { formatPath, type Finding, type Path } from '../../../../runner/definition/locate.ts';

const V1ALPHA1 = 'redskyops.dev/v1alpha1';
const V1BETA1 = 'redskyops.dev/v1beta1';
const V1BETA2 = 'optimize.stormforge.io/v1beta2';

const SUGGESTION = /^(no experimentBudget|the optimization server chose)/;

/** Converts an experiment of that spec, in YAML. */
function convert(spec: string, apiVersion = V1BETA2, metadata: object = { name: 'sizing' }) {
  const { document, companions, report } = convertExperiment({ apiVersion, kind: 'Experiment', metadata, spec: load(spec) });
  const shown = (findings: readonly Finding[]) => findings.map(({ path, message }) => `${formatPath(path)}: ${message}`);
  return {
    document: document as any,
    spec: document.spec as any,
    template: (document.spec as any).trialTemplate,
    companions: companions as any[],
    /** Without what is said of the suggestion in each. */
    notices: shown(report.notices.filter(({ message }) => !SUGGESTION.test(message))),
    suggestion: shown(report.notices.filter(({ message }) => SUGGESTION.test(message))),
    findings: shown(report.findings),
    origin: (path: Path) => formatPath(originalPath(report, path)),
  };
}

describe('A legacy experiment', () => {
  it('becomes one of ours, of every version', () => {
    for (const version of [V1ALPHA1, V1BETA1, V1BETA2]) {
      const { document } = convert('parameters: [{name: cpu, min: 1, max: 2}]', version);

      assert.equal(document.apiVersion, 'fieldtrial.dev/v1alpha1');
      assert.equal(document.kind, 'Experiment');
      assert.deepEqual(document.metadata, { name: 'sizing' });
    }
  });

  it('keeps fields that it does not know, for the schema to tell', () => {
    const { spec } = convert('replica: 2\ntrialTemplate: {spec: {startTimeOfset: 1s}}');

    assert.equal(spec.replica, 2);
    assert.equal(spec.trialTemplate.spec.startTimeOfset, '1s');
  });

  it('takes null for what is not there', () => {
    const { spec } = convert('replicas: null\nconstraints: null\npatches: [{patch: x, targetRef: null, readinessGates: null}]');

    assert.deepEqual(spec, { patches: [{ patch: 'x' }] });
  });

  it('leaves out what cluster, server and kubectl wrote, and says so', () => {
    const { document, notices } = convert('replicas: 1', V1BETA2, {
      name: 'a',
      uid: '1',
      creationTimestamp: null,
      annotations: { 'stormforge.io/experiment-url': 'http://x', owner: 'me' },
    });

    assert.deepEqual(document.metadata, { name: 'a', annotations: { owner: 'me' } });
    assert.deepEqual(notices, [
      'metadata.uid: was written by the cluster and is left out',
      'metadata.annotations["stormforge.io/experiment-url"]: was written for the server or by kubectl and is left out',
    ]);
  });
});

describe('Renames (R§1)', () => {
  it('spec.template is trialTemplate, and its template is jobTemplate', () => {
    const { template, origin } = convert('template: {spec: {template: {spec: {backoffLimit: 0}}}}', V1ALPHA1);

    assert.deepEqual(template, { spec: { jobTemplate: { spec: { backoffLimit: 0 } } } });
    assert.equal(
      origin(['spec', 'trialTemplate', 'spec', 'jobTemplate', 'spec', 'backoffLimit']),
      'spec.template.spec.template.spec.backoffLimit',
    );
  });

  it('budget, parallelism and burnIn are settings of suggestion', () => {
    const { spec, notices, suggestion, origin } = convert('budget: 200\nparallelism: 2\nburnIn: 10\nreplicas: 4', V1ALPHA1);

    assert.deepEqual(spec, { replicas: 2, suggest: { source: 'random', budget: 200 } });
    assert.equal(origin(['spec', 'suggest']), 'spec.budget');
    assert.deepEqual(notices, ['spec.burnIn: burnIn was a setting of the optimization server and is left out']);
    assert.deepEqual(suggestion, [
      'spec.budget: the optimization server chose the points of 200 trials; instead they are spread evenly over the parameters: suggest: {source: random, budget: 200}, or {source: remote} where such a server is',
    ]);
  });

  it('optimization is a list of settings, or a mapping', () => {
    const list = convert('replicas: 8\noptimization: [{name: experimentBudget, value: "40"}, {name: parallelTrials, value: "4"}]');
    const mapping = convert('replicas: 8\noptimization: {experimentBudget: 40, parallelTrials: 4}');

    const expected = { replicas: 4, suggest: { source: 'random', budget: 40 } };
    assert.deepEqual(list.spec, expected);
    assert.deepEqual(mapping.spec, expected);
  });

  it('without a budget nothing is suggested, which is said', () => {
    const { spec, suggestion } = convert('replicas: 2');

    assert.deepEqual(spec, { replicas: 2 });
    assert.match(suggestion[0]!, /^spec: no experimentBudget, so nothing is suggested: /);
  });

  it('a budget that is no number is refused', () => {
    const { findings } = convert('optimization: [{name: experimentBudget, value: many}]');

    assert.deepEqual(findings, ['spec.optimization[0]: experimentBudget is "many"; expected a whole number above 0']);
  });

  it('targetNamespace is the namespace of the trial template', () => {
    const { spec, origin } = convert('targetNamespace: lab', V1ALPHA1);

    assert.deepEqual(spec.trialTemplate, { metadata: { namespace: 'lab' } });
    assert.equal(origin(['spec', 'trialTemplate', 'metadata', 'namespace']), 'spec.targetNamespace');
  });

  it("metric types local and pods are kubernetes, and the pods' selector is the target's", () => {
    const { spec, origin } = convert(
      'metrics: [{name: a, type: local, query: "1"}, {name: b, type: pods, query: "{{ .Pods.Kind }}", selector: {matchLabels: {app: x}}}]',
      V1ALPHA1,
    );

    assert.deepEqual(spec.metrics, [
      { name: 'a', query: '1' },
      { name: 'b', query: '{{target.kind}}', target: { apiVersion: 'v1', kind: 'PodList', matchLabels: { app: 'x' } } },
    ]);
    assert.equal(origin(['spec', 'metrics', 1, 'target', 'matchLabels']), 'spec.metrics[1].selector.matchLabels');
  });

  it('the aggregator of datadog was its scheme', () => {
    const { spec } = convert(
      'metrics: [{name: a, type: datadog, query: q, scheme: max}, {name: b, type: datadog, query: q, url: "?aggregator=last"}, {name: c, type: datadog, query: q}]',
      V1ALPHA1,
    );

    assert.deepEqual(spec.metrics, [
      { name: 'a', type: 'datadog', query: 'q', aggregator: 'max' },
      { name: 'b', type: 'datadog', query: 'q', aggregator: 'last' },
      { name: 'c', type: 'datadog', query: 'q' },
    ]);
  });

  it('wait: false of a patch is an empty list of readiness gates', () => {
    const { spec } = convert('patches: [{patch: x, wait: false}, {patch: x, wait: true}]', V1ALPHA1);

    assert.deepEqual(spec.patches, [{ patch: 'x', readinessGates: [] }, { patch: 'x' }]);
  });

  it('condition types have our prefix', () => {
    const { spec, template } = convert(`
patches: [{patch: x, readinessGates: [{conditionType: redskyops.dev/app-ready}, {conditionType: Available}]}]
trialTemplate: {spec: {readinessGates: [{kind: Deployment, name: a, conditionTypes: [stormforge.io/status-phase-running]}]}}`);

    assert.deepEqual(spec.patches[0].readinessGates, [{ conditionType: 'fieldtrial.dev/app-ready' }, { conditionType: 'Available' }]);
    assert.deepEqual(template.spec.readinessGates, [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a', conditionTypes: ['fieldtrial.dev/status-phase-running'] },
    ]);
  });
});

describe('Slots of a legacy experiment (R§6.2)', () => {
  it("are the experiment's own namespace where it selects no others", () => {
    const { template } = convert('replicas: 1', V1BETA2, { name: 'a', namespace: 'lab' });

    assert.deepEqual(template, { metadata: { namespace: 'lab' } });
  });

  it('are those it selects', () => {
    const { spec, notices } = convert('namespaceSelector: {matchLabels: {a: b}}', V1BETA2, { name: 'a', namespace: 'lab' });

    assert.deepEqual(spec, { namespaceSelector: { matchLabels: { a: 'b' } } });
    assert.equal(
      notices[0],
      'metadata.namespace: an experiment is a file and lies in no namespace; its slots are those of namespaceSelector',
    );
  });

  it('are the one of the trial template before all', () => {
    const { spec, notices } = convert(`namespaceSelector: {matchLabels: {a: b}}\ntrialTemplate: {metadata: {namespace: lab}}`);

    assert.deepEqual(spec.trialTemplate, { metadata: { namespace: 'lab' } });
    assert.equal(spec.namespaceSelector, undefined);
    assert.equal(notices[0], 'spec.namespaceSelector: has no effect beside the one slot that spec.trialTemplate.metadata.namespace names');
  });

  it('may be named by targets, which may name no other namespace', () => {
    const { spec } = convert(
      `patches:
  - {patch: x, targetRef: {kind: ConfigMap, name: a, namespace: lab}}
  - {patch: x, targetRef: {kind: ConfigMap, name: a, namespace: other}}`,
      V1BETA2,
      { name: 'a', namespace: 'lab' },
    );

    assert.deepEqual(spec.patches[0].targetRef, { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' });
    assert.equal(spec.patches[1].targetRef.namespace, 'other');
  });
});

describe('Parameters of a legacy experiment', () => {
  it('have bounds of 0 where one was left out', () => {
    const { spec } = convert('parameters: [{name: a, max: 5}, {name: b, min: -5}, {name: c}]');

    assert.deepEqual(spec.parameters, [{ name: 'a', min: 0, max: 5 }, { name: 'b', min: -5, max: 0 }, { name: 'c' }]);
  });

  it('are categories where they have values, whatever the bounds', () => {
    const { spec, notices } = convert(
      `parameters: [{name: a, values: [x, y], min: 0, max: 0}, {name: b, values: [x], max: 3}, {name: c, values: [], min: 1, max: 2}]`,
    );

    assert.deepEqual(spec.parameters, [
      { name: 'a', values: ['x', 'y'] },
      { name: 'b', values: ['x'] },
      { name: 'c', min: 1, max: 2 },
    ]);
    assert.equal(notices[0], 'spec.parameters[1].max: has no meaning beside values and is left out');
  });
});

describe('References of a legacy experiment', () => {
  for (const [what, reference, expected] of [
    ['get the version of a kind that needs none', { kind: 'ConfigMap', name: 'a' }, { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' }],
    ['get the version of a workload', { kind: 'StatefulSet', name: 'a' }, { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'a' }],
    ['have no version where the kind is not known', { kind: 'Kafka', name: 'a' }, { kind: 'Kafka', name: 'a' }],
    [
      'have the version that is served',
      { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'a' },
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
    ],
    [
      'keep a version whose successor has another shape',
      { apiVersion: 'extensions/v1beta1', kind: 'Ingress', name: 'a' },
      { apiVersion: 'extensions/v1beta1', kind: 'Ingress', name: 'a' },
    ],
  ] as const) {
    it(what, () => {
      const { spec } = convert(`patches: [{patch: x, targetRef: ${JSON.stringify(reference)}}]`);

      assert.deepEqual(spec.patches[0].targetRef, expected);
    });
  }
});

describe('Patches of a legacy experiment', () => {
  it("mean the trial's own Job without a name, and by the experiment's or the template's (R§8.2)", () => {
    const { spec } = convert(`
patches:
  - {patch: x, targetRef: {kind: Job, apiVersion: batch/v1, name: ""}}
  - {patch: x, targetRef: {kind: Job, name: sizing}, readinessGates: [{conditionType: a}]}
  - {patch: x, targetRef: {kind: Job, name: load}}
  - {patch: x, targetRef: {kind: Job, name: other}}
trialTemplate: {spec: {jobTemplate: {metadata: {name: load}}}}`);

    const own = { patch: 'x', targetRef: { apiVersion: 'batch/v1', kind: 'Job' } };
    assert.deepEqual(spec.patches, [own, own, own, { patch: 'x', targetRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'other' } }]);
  });

  it('of every object that labels select are refused', () => {
    const { findings } = convert('patches: [{patch: x, selector: {matchLabels: {a: b}}}]', V1ALPHA1);

    assert.deepEqual(findings, [
      'spec.patches[0].selector: a patch of every object that labels select cannot be converted; write a patch with a targetRef for each',
    ]);
  });

  it('mean what they meant in YAML 1.1', () => {
    const { spec } = convert('patches: [{patch: "a: yes\\nb: {{ .Values.x }}\\n"}]');

    assert.deepEqual(spec.patches, [{ patch: 'a: true\nb: {{values.x}}\n' }]);
  });

  it('say what cannot be translated, and where', () => {
    const { document, report } = convertExperiment({
      apiVersion: V1BETA2,
      kind: 'Experiment',
      spec: { patches: [{ patch: 'a: 1\nb: {{ b64enc .Values.a }}\n' }] },
    });

    const [finding] = report.findings;
    assert.match(finding!.message, /^this Go template cannot be translated: the function "b64enc" has no counterpart/);
    assert.deepEqual(finding!.path, ['spec', 'patches', 0, 'patch']);
    assert.equal(finding!.textLine, 2);
    assert.ok(document);
  });
});

describe('Metrics of a legacy experiment (R§A.9)', () => {
  const metric = (fields: string, version = V1ALPHA1) => convert(`metrics: [{name: a, query: q, ${fields}}]`, version).spec.metrics[0];

  for (const [what, fields, url] of [
    [
      'by scheme, port and path',
      'scheme: https, port: 9090, path: /prom, selector: {matchLabels: {app: m}}',
      'https://{{serviceAddress target 9090}}/prom',
    ],
    ['by the name of a port', 'port: web, selector: {matchLabels: {app: m}}', 'http://{{serviceAddress target "web"}}/'],
    ['by its only port', 'selector: {matchLabels: {app: m}}', 'http://{{serviceAddress target}}/'],
  ] as const) {
    it(`ask the Service that labels select, ${what}`, () => {
      assert.deepEqual(metric(`type: prometheus, ${fields}`), {
        name: 'a',
        query: 'q',
        type: 'prometheus',
        url,
        target: { apiVersion: 'v1', kind: 'ServiceList', matchLabels: { app: 'm' } },
      });
    });
  }

  it('keep a path with a query', () => {
    const { url } = metric('type: jsonpath, port: 5000, path: "stats?group=a", selector: {matchLabels: {app: m}}');

    assert.equal(url, 'http://{{serviceAddress target 5000}}/stats?group=a');
  });

  it("find the Service again that the ancestor's own conversion lost", () => {
    const converted = metric('type: jsonpath, url: "http://redskyops.dev:5000/stats?x=1", target: {matchLabels: {app: m}}', V1BETA1);

    assert.equal(converted.url, 'http://{{serviceAddress target 5000}}/stats?x=1');
    assert.deepEqual(converted.target, { apiVersion: 'v1', kind: 'ServiceList', matchLabels: { app: 'm' } });
  });

  it('refuse a jsonpath metric that asks nobody', () => {
    const { findings } = convert('metrics: [{name: a, type: jsonpath, query: q}]', V1ALPHA1);

    assert.deepEqual(findings, [
      'spec.metrics[0]: says neither by url nor by the labels of a Service where to ask; write url: http://HOST:PORT/PATH',
    ]);
  });

  it("ask the slot's own Prometheus where they name none", () => {
    assert.equal(metric('type: prometheus').url, 'http://redsky-{{trial.namespace}}-prometheus.{{trial.namespace}}:9090');
    assert.equal(
      metric('type: prometheus, selector: {matchLabels: {app: prometheus}}').url,
      'http://redsky-{{trial.namespace}}-prometheus.{{trial.namespace}}:9090',
    );
    assert.equal(metric('type: prometheus', V1BETA2).url, 'http://optimize-{{trial.namespace}}-prometheus.{{trial.namespace}}:9090');
  });

  it("ask the runner's where a setup task brings one", () => {
    const { spec, template, notices } = convert(`
metrics: [{name: a, type: prometheus, query: q}]
trialTemplate: {spec: {setupTasks: [{name: monitoring, args: [prometheus, $(MODE)]}]}}`);

    assert.equal(spec.metrics[0].url, undefined);
    assert.deepEqual(template.spec.setupTasks, [{ name: 'monitoring', helmChart: 'fieldtrial/prometheus' }]);
    assert.ok(
      notices.includes(
        "spec.trialTemplate.spec.setupTasks[0].args: Red Sky's own Prometheus is fieldtrial/prometheus here, a chart of the runner",
      ),
    );
  });

  it('have addresses that are no templates', () => {
    assert.equal(metric('type: prometheus, url: "http://p/{{x}}"', V1BETA2).url, 'http://p/\\{{x}}');
  });

  it('lose an errorQuery that nothing used', () => {
    const { spec, notices } = convert(`metrics: [{name: a, query: q, errorQuery: e}, {name: b, query: q, errorQuery: ""}]`);

    assert.deepEqual(spec.metrics, [
      { name: 'a', query: 'q' },
      { name: 'b', query: 'q' },
    ]);
    assert.deepEqual(notices, ['spec.metrics[0].errorQuery: was used for prometheus metrics alone and is left out']);
  });

  it('say that a list without labels was empty and is everything', () => {
    const { notices } = convert('metrics: [{name: a, query: q, target: {kind: PodList}}]');

    assert.ok(notices.some((line) => line.startsWith('spec.metrics[0].target: selects nothing, which gave 0')));
  });
});

describe('Setup of a legacy experiment (R§7)', () => {
  const task = (fields: string) => convert(`trialTemplate: {spec: {setupTasks: [{name: db, ${fields}}]}}`);

  it('keeps volumes and accounts, and has the default account where it names none', () => {
    const { template } = convert(`
trialTemplate:
  spec:
    setupServiceAccountName: ""
    setupVolumes: [{name: v, configMap: {name: scripts}}]
    setupTasks: [{name: db, image: psql, command: [sh], args: [-c], env: [{name: A, value: "{{b}}"}], volumeMounts: [{name: v, mountPath: /v}]}]`);

    assert.deepEqual(template.spec, {
      setupTasks: [
        {
          name: 'db',
          image: 'psql',
          command: ['sh'],
          args: ['-c'],
          env: [{ name: 'A', value: '\\{{b}}' }],
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        },
      ],
      setupVolumes: [{ name: 'v', configMap: { name: 'scripts' } }],
      setupServiceAccountName: 'default',
    });
  });

  it('keeps charts with their repository, version, values and labels', () => {
    const { template } = task(
      'helmChart: postgresql, helmRepository: "https://charts.example", helmChartVersion: 1.2.3, labels: {a: b}, helmValuesFrom: [{configMap: {name: c}}]',
    );

    assert.deepEqual(template.spec.setupTasks[0], {
      name: 'db',
      helmRepository: 'https://charts.example',
      helmChartVersion: '1.2.3',
      helmValuesFrom: [{ configMap: { name: 'c' } }],
      labels: { a: 'b' },
      helmChart: 'postgresql',
    });
  });

  it('knows where stable/ was', () => {
    const { template, notices } = task('helmChart: stable/redis');

    assert.deepEqual(template.spec.setupTasks[0], { name: 'db', helmChart: 'redis', helmRepository: 'https://charts.helm.sh/stable' });
    assert.ok(notices.some((line) => line.includes('stable/ is not known any more')));
  });

  it('leaves out a command that had no effect', () => {
    const { template, notices } = task('helmChart: charts/a, command: [x]');

    assert.deepEqual(template.spec.setupTasks, [{ name: 'db', helmChart: 'charts/a' }]);
    assert.ok(notices.includes('spec.trialTemplate.spec.setupTasks[0].command: has no effect without image and is left out'));
  });

  it('cannot build manifests with the default setup image, and says what to do', () => {
    const { template, findings, origin } = convert(
      'trialTemplate: {spec: {setupTasks: [{name: app, volumeMounts: [{name: m, mountPath: /workspace/base}]}, {name: db, image: psql}]}}',
    );

    assert.deepEqual(template.spec.setupTasks, [{ name: 'db', image: 'psql' }]);
    assert.match(findings[0]!, /^spec\.trialTemplate\.spec\.setupTasks\[0\]: runs the default setup image, .* list them in manifests/);
    assert.equal(origin(['spec', 'trialTemplate', 'spec', 'setupTasks', 0, 'image']), 'spec.trialTemplate.spec.setupTasks[1].image');
  });

  it("gives chart values the types that Helm's --set gave them", () => {
    const { template, notices } = convert(`
parameters:
  - {name: flag, values: ["true", "false"]}
  - {name: n, values: ["1", "2"]}
  - {name: odd, values: ["1", all]}
  - {name: a-b, values: ["true"]}
  - {name: cpu, min: 1, max: 2}
trialTemplate:
  spec:
    setupTasks:
      - name: db
        helmChart: charts/a
        helmValues:
          - {name: a, value: "true"}
          - {name: b, value: "5432"}
          - {name: c, value: "007"}
          - {name: d, value: "5432", forceString: true}
          - {name: e, value: "{{ .Values.flag }}"}
          - {name: f, valueFrom: {parameterRef: {name: n}}}
          - {name: g, valueFrom: {parameterRef: {name: odd}}}
          - {name: h, valueFrom: {parameterRef: {name: a-b}}}
          - {name: i, value: "{{ .Values.cpu }}"}
          - {name: j, value: "{{ .Values.flag }}", forceString: true}
          - {name: k, value: 3}
          - {name: l, value: "a,b"}`);

    assert.deepEqual(
      template.spec.setupTasks[0].helmValues.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom.parameterRef.name]),
      [
        ['a', true],
        ['b', 5432],
        ['c', '007'],
        ['d', '5432'],
        ['e', '{{eq values.flag "true"}}'],
        ['f', '{{int values.n}}'],
        ['g', 'odd'],
        ['h', '{{eq values.a-b "true"}}'],
        ['i', '{{values.cpu}}'],
        ['j', '{{values.flag}}'],
        ['k', 3],
        ['l', 'a,b'],
      ],
    );
    assert.deepEqual(notices, [
      'spec.trialTemplate.spec.setupTasks[0].helmValues[6]: Helm read some values of odd as booleans or integers; here all of them are text',
      'spec.trialTemplate.spec.setupTasks[0].helmValues[11].value: Helm took "a,b" apart at its braces and commas; here it is one text',
    ]);
  });

  it('keeps the access of created namespaces as objects beside it', () => {
    const { companions, notices } = convert(`
trialTemplate:
  spec:
    setupServiceAccountName: lab
    setupDefaultClusterRole: edit
    setupDefaultRules: [{apiGroups: [apps], resources: [deployments], verbs: [create]}]`);

    assert.deepEqual(
      companions.map(({ kind, metadata, roleRef, rules, subjects }) => [
        kind,
        metadata.name,
        metadata.namespace,
        roleRef?.name,
        rules?.[0].verbs,
        subjects?.[0].name,
      ]),
      [
        ['ServiceAccount', 'lab', 'SLOT', undefined, undefined, undefined],
        ['Role', 'sizing-setup', 'SLOT', undefined, ['create'], undefined],
        ['RoleBinding', 'sizing-setup', 'SLOT', 'sizing-setup', undefined, 'lab'],
        ['RoleBinding', 'sizing-setup-cluster', 'SLOT', 'edit', undefined, 'lab'],
      ],
    );
    assert.ok(
      notices.includes(
        'spec.trialTemplate.spec.setupDefaultRules: is kept as a Role and a RoleBinding beside the experiment, for you to apply to every slot: the runner grants nothing to anybody',
      ),
    );
  });
});

describe('The namespaceTemplate of a legacy experiment (R§6.2)', () => {
  it('keeps its names, labels and annotations, and says how its namespaces are called here', () => {
    const { spec, notices } = convert(`
namespaceTemplate:
  metadata: {generateName: lab-, labels: {team: lab}, annotations: {a: b}, creationTimestamp: null}
  spec: {finalizers: [kubernetes]}
namespaceSelector: {matchLabels: {team: lab}}`);

    assert.deepEqual(spec.namespaceTemplate, { metadata: { generateName: 'lab-', labels: { team: 'lab' }, annotations: { a: 'b' } } });
    assert.deepEqual(notices, [
      'spec.namespaceTemplate.spec: holds nothing that a namespace is made with here and is left out',
      'spec.namespaceTemplate: makes at most as many namespaces as replicas, called lab-1 and so on; the next run uses them again, and nothing deletes them',
    ]);
  });

  it('is taken by its name where it has both', () => {
    const { spec } = convert('namespaceTemplate: {metadata: {name: lab, generateName: x-}}');

    assert.deepEqual(spec.namespaceTemplate, { metadata: { name: 'lab' } });
  });

  it('has no effect beside the one slot', () => {
    const { spec } = convert('namespaceTemplate: {metadata: {name: lab}}\ntrialTemplate: {metadata: {namespace: shop}}');

    assert.equal(spec.namespaceTemplate, undefined);
  });

  it('grants setup tasks nothing that the experiment says, and names what does', () => {
    const { companions, notices } = convert(
      'namespaceTemplate: {}\ntrialTemplate: {spec: {setupServiceAccountName: lab, setupDefaultClusterRole: cluster-admin}}',
    );

    assert.deepEqual(
      companions.map(({ kind }) => kind),
      ['ServiceAccount', 'RoleBinding'],
    );
    assert.ok(
      notices.includes(
        'spec.trialTemplate.spec.setupDefaultClusterRole: is kept as a RoleBinding beside the experiment, for you to apply to every slot: in ' +
          'namespaces that the runner makes it binds the ClusterRole of --setup-role, and nothing that an experiment says',
      ),
      notices.join('\n'),
    );
  });
});

describe('Trial templates of a legacy experiment', () => {
  it('leave out state and what is always so here, and say so', () => {
    const { template, notices } = convert(
      'trialTemplate: {metadata: {generateName: x-, annotations: {redskyops.dev/initializer: a}}, spec: {ttlSecondsAfterFinished: 5, values: [], experimentRef: {name: a}, selector: {}, patchOperations: []}}',
    );

    assert.deepEqual(template, { spec: {} });
    assert.equal(notices.length, 7);
  });

  it('cannot fix assignments', () => {
    const { findings } = convert('trialTemplate: {spec: {assignments: [{name: a, value: 1}]}}');

    assert.deepEqual(findings, [
      'spec.trialTemplate.spec.assignments: a template cannot fix assignments; give those parameters a single value',
    ]);
  });

  it('have gates with a common deadline, and pauses instead of gates of no kind (R§9.3)', () => {
    const { template, origin } = convert(`
trialTemplate:
  spec:
    initialDelaySeconds: 5
    readinessGates:
      - {initialDelaySeconds: 20}
      - {kind: Service, name: a, periodSeconds: 60, failureThreshold: 20}`);

    assert.deepEqual(template.spec, {
      initialDelaySeconds: 25,
      timeouts: { stabilize: 1200 },
      readinessGates: [{ apiVersion: 'v1', kind: 'Service', name: 'a' }],
    });
    assert.equal(origin(['spec', 'trialTemplate', 'spec', 'readinessGates', 0, 'name']), 'spec.trialTemplate.spec.readinessGates[1].name');
  });

  it('have Jobs whose text is no template', () => {
    const { template } = convert(
      'trialTemplate: {spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, args: ["{{.Metric}}", "$(CPU)"]}]}}}}}}',
    );

    assert.deepEqual(template.spec.jobTemplate.spec.template.spec.containers[0].args, ['\\{{.Metric}}', '$(CPU)']);
  });
});
