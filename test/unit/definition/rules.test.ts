import assert from 'node:assert/strict';
import { checkExperiment } from '../../../runner/definition/check-experiment.ts';
import { formatPath } from '../../../runner/definition/locate.ts';

const cpu = { name: 'cpu', min: 100, max: 4000 };
const gc = { name: 'gc', values: ['g1', 'zgc'] };
const cost = { name: 'cost', query: '{{duration}}' };

/** A sentence, the spec's fields that differ from a valid experiment's, and everything that must be found. */
type Case = [sentence: string, spec: Record<string, unknown>, found: string[]];

describe('rules', () => {
  it('find nothing in a valid experiment', () => {
    assert.deepEqual(findingsOf({}), []);
  });

  describe('names', () => {
    it('refuses an experiment name of more than 40 characters', () => {
      const name = 'a'.repeat(41);

      assert.deepEqual(findingsOf({}, name), [
        `metadata.name: "${name}" has 41 characters; at most 40 leave room for the names of its trials`,
      ]);
    });

    it('refuses an experiment name that is no DNS label', () => {
      assert.deepEqual(findingsOf({}, 'Checkout_Sizing'), [
        'metadata.name: "Checkout_Sizing" is not a DNS label: lower-case letters, digits and inner hyphens',
      ]);
    });

    check([
      [
        'refuses two parameters of one name',
        { parameters: [cpu, gc, cpu] },
        ['spec.parameters[2].name: "cpu" is already the name of item 1 of this list'],
      ],
      [
        'refuses two metrics of one name',
        { metrics: [cost, cost] },
        ['spec.metrics[1].name: "cost" is already the name of item 1 of this list'],
      ],
      [
        'refuses two constraints of one name',
        { parameters: [cpu, { ...cpu, name: 'max' }], constraints: [order('cpu', 'max'), order('cpu', 'max')] },
        ['spec.constraints[1].name: "order" is already the name of item 1 of this list'],
      ],
      [
        'refuses two parameters that become one environment variable',
        {
          parameters: [
            { ...cpu, name: 'heap-size' },
            { ...cpu, name: 'heap.size' },
          ],
        },
        ['spec.parameters[1].name: "heap.size" and "heap-size" both become the environment variable HEAP_SIZE; rename one'],
      ],
      [
        "refuses a parameter that hides a setup task's own variable",
        { parameters: [{ ...cpu, name: 'mode' }] },
        ['spec.parameters[0].name: "mode" becomes the environment variable MODE, which setup tasks need for themselves'],
      ],
      [
        'refuses a setup task whose Job name would exceed 63 characters',
        { trialTemplate: tasks({ name: 'x'.repeat(50), image: 'busybox' }) },
        [
          `spec.trialTemplate.spec.setupTasks[0].name: "test-NNN-create-${'x'.repeat(50)}" is longer than 63 characters; shorten the task's or the experiment's name by 3`,
        ],
      ],
    ]);
  });

  describe('parameters', () => {
    check([
      [
        'refuses an experiment without parameters',
        { parameters: [] },
        ['spec.parameters: an experiment without parameters has nothing to vary; declare at least one'],
      ],
      ['wants a range or values', { parameters: [{ name: 'cpu' }] }, ['spec.parameters[0]: needs min and max, or values']],
      ['wants max beside min', { parameters: [{ name: 'cpu', min: 1 }] }, ['spec.parameters[0].max: is required beside min']],
      [
        'refuses values beside a range',
        { parameters: [{ ...gc, min: 1 }] },
        ['spec.parameters[0].min: a parameter with values has no min; remove one of the two'],
      ],
      ['refuses a max below min', { parameters: [{ ...cpu, max: 50 }] }, ['spec.parameters[0].max: 50 is below min, which is 100']],
      ['accepts a max equal to min', { parameters: [{ ...cpu, max: 100 }] }, []],
      [
        'refuses fractions in an integer',
        { parameters: [{ ...cpu, min: 0.5 }] },
        ['spec.parameters[0].min: 0.5 is not a whole number; write type: double for fractions'],
      ],
      ['accepts fractions in a double', { parameters: [{ ...cpu, type: 'double', min: 0.5 }] }, []],
      ['refuses a step of zero', { parameters: [{ ...cpu, step: 0 }] }, ['spec.parameters[0].step: must be greater than 0, got 0']],
      [
        'refuses a step larger than the range',
        { parameters: [{ ...cpu, step: 5000 }] },
        ['spec.parameters[0].step: 5000 is larger than the range from 100 to 4000'],
      ],
      [
        'refuses a log scale from zero',
        { parameters: [{ ...cpu, min: 0, scale: 'log' }] },
        ['spec.parameters[0].min: 0 has no logarithm; a log scale needs a min above 0'],
      ],
      [
        'refuses a value that is there twice',
        { parameters: [{ ...gc, values: ['g1', 'g1'] }] },
        ['spec.parameters[0].values[1]: "g1" is there twice'],
      ],
      [
        'wants values in quotes',
        { parameters: [{ ...gc, values: [1.1, 'x'] }] },
        ['spec.parameters[0].values[0]: expected text, got 1.1; write it in quotes'],
      ],
    ]);
  });

  describe('baselines', () => {
    check([
      [
        'refuses a baseline out of range',
        { parameters: [{ ...cpu, baseline: 50 }] },
        ['spec.parameters[0].baseline: 50 is below the minimum of 100'],
      ],
      [
        'refuses a baseline between two steps',
        { parameters: [{ ...cpu, step: 100, baseline: 150 }] },
        ['spec.parameters[0].baseline: 150 is not on a step; steps of 100 are counted from 100'],
      ],
      [
        'refuses a baseline that is not one of the values',
        { parameters: [{ ...gc, baseline: 'cms' }] },
        ['spec.parameters[0].baseline: "cms" is not one of "g1", "zgc"'],
      ],
      [
        'wants a baseline for all parameters or none',
        { parameters: [{ ...cpu, baseline: 100 }, gc] },
        ['spec.parameters[1]: "gc" has no baseline although other parameters have one; give it one or remove all'],
      ],
      [
        'lets a parameter with one value go without a baseline',
        {
          parameters: [
            { ...cpu, baseline: 100 },
            { ...cpu, name: 'one', max: 100 },
          ],
        },
        [],
      ],
      [
        'refuses a baseline that breaks a constraint',
        {
          parameters: [
            { ...cpu, baseline: 300 },
            { ...cpu, name: 'limit', baseline: 200 },
          ],
          constraints: [order('cpu', 'limit')],
        },
        ['spec.constraints[0]: the baseline breaks it: constraint "order" is violated: cpu (300) must be at most limit (200)'],
      ],
      [
        'accepts a baseline on the bound of a sum given as quantities',
        {
          parameters: [{ ...cpu, baseline: 300 }],
          constraints: [{ sum: { bound: '1500m', isUpperBound: true, parameters: [{ name: 'cpu', weight: '5m' }] } }],
        },
        [],
      ],
    ]);
  });

  describe('constraints', () => {
    check([
      [
        'refuses an unknown parameter and names the nearest',
        { constraints: [order('cpus', 'cpu')] },
        ['spec.constraints[0].order.lowerParameter: unknown parameter "cpus"; did you mean "cpu"?'],
      ],
      [
        'refuses a categorical parameter',
        { parameters: [cpu, gc], constraints: [order('cpu', 'gc')] },
        ['spec.constraints[0].order.upperParameter: parameter "gc" has values, not a range; constraints compare numbers'],
      ],
      [
        'refuses an order of a parameter with itself',
        { constraints: [order('cpu', 'cpu')] },
        ['spec.constraints[0].order.upperParameter: "cpu" is compared with itself'],
      ],
      ['wants order or sum', { constraints: [{ name: 'x' }] }, ['spec.constraints[0]: needs order or sum']],
      [
        'refuses a bound that is no quantity',
        { constraints: [{ sum: { bound: 'lots', parameters: [{ name: 'cpu', weight: 1 }] } }] },
        ['spec.constraints[0].sum.bound: "lots" is not a quantity; write a number or a Kubernetes quantity such as "0.3", "500m" or "2Gi"'],
      ],
    ]);
  });

  describe('metrics', () => {
    check([
      [
        'refuses an experiment without metrics',
        { metrics: [] },
        ['spec.metrics: an experiment without metrics cannot judge its trials; declare at least one'],
      ],
      ['refuses a metric without query', { metrics: [{ name: 'cost' }] }, ['spec.metrics[0].query: is required']],
      ['refuses a blank query', { metrics: [{ name: 'cost', query: ' ' }] }, ['spec.metrics[0].query: must not be empty']],
      [
        'refuses a prometheus metric without url',
        { metrics: [{ ...cost, type: 'prometheus' }] },
        ['spec.metrics[0].url: is required, as no setup task has helmChart: fieldtrial/prometheus'],
      ],
      [
        "lets a prometheus metric ask the trial's own server",
        { metrics: [{ ...cost, type: 'prometheus' }], trialTemplate: tasks({ name: 'x', helmChart: 'fieldtrial/prometheus' }) },
        [],
      ],
      [
        'waits for a shared template to be rendered before it misses an address',
        { metrics: [{ ...cost, type: 'prometheus' }], templateRef: { name: 'k6' } },
        [],
      ],
      [
        'lists the known types for an unknown one',
        { metrics: [{ ...cost, type: 'cloudwatch' }] },
        [
          'spec.metrics[0].type: unknown metric type "cloudwatch"; this version has kubernetes, prometheus, datadog, newrelic, jsonpath, logs',
        ],
      ],
      [
        'says which type has a field',
        { metrics: [{ ...cost, url: 'http://x' }] },
        ['spec.metrics[0].url: only metrics of type prometheus, datadog, newrelic and jsonpath have this field'],
      ],
      [
        'refuses a min above max',
        { metrics: [{ ...cost, min: '200m', max: '0.1' }] },
        ['spec.metrics[0].max: 0.1 is below min, which is 200m'],
      ],
      [
        'accepts a min up to max, whatever their units',
        {
          metrics: [
            { ...cost, min: '100m', max: '0.1' },
            { ...cost, name: 'b', min: 1, max: '2k' },
          ],
        },
        [],
      ],
      [
        'refuses a Secret as target',
        { metrics: [{ ...cost, target: { kind: 'Secret', name: 'db' } }] },
        ['spec.metrics[0].target.kind: a Secret cannot be the target of a metric, because its content would be recorded'],
      ],
      [
        'refuses a Secret as target of a prometheus metric',
        { metrics: [{ name: 'p95', type: 'prometheus', url: 'http://p', query: 'q', target: { kind: 'SecretList' } }] },
        ['spec.metrics[0].target.kind: a Secret cannot be the target of a metric, because its content would be recorded'],
      ],
      [
        'refuses a target in another namespace',
        { metrics: [{ ...cost, target: { kind: 'Pod', name: 'db', namespace: 'x' } }] },
        ["spec.metrics[0].target.namespace: targets are always in the trial's own slot; remove the namespace"],
      ],
      [
        'refuses an address that is no URL',
        { metrics: [{ ...cost, type: 'prometheus', url: 'prometheus:9090' }] },
        ['spec.metrics[0].url: "prometheus:9090" is not an http or https URL, such as http://prometheus.monitoring:9090'],
      ],
      ['leaves an address that is a template alone', { metrics: [{ ...cost, type: 'prometheus', url: '{{values.url}}' }] }, []],
      [
        'refuses a password in an address',
        { metrics: [{ ...cost, type: 'prometheus', url: 'http://me:secret@prometheus' }] },
        ['spec.metrics[0].url: has a user name or password in it, which would be recorded; remove them'],
      ],
      [
        'refuses an address that is no URL for whatever type',
        {
          metrics: [
            { ...cost, type: 'jsonpath', url: 'load/stats' },
            { ...cost, name: 'b', type: 'datadog', url: 'datadoghq.eu' },
          ],
        },
        [
          'spec.metrics[0].url: "load/stats" is not an http or https URL, such as http://prometheus.monitoring:9090',
          'spec.metrics[1].url: "datadoghq.eu" is not an http or https URL, such as http://prometheus.monitoring:9090',
        ],
      ],
      ['lets a vendor have no address', { metrics: [{ ...cost, type: 'newrelic' }] }, []],
      ['refuses a jsonpath metric without url', { metrics: [{ ...cost, type: 'jsonpath' }] }, ['spec.metrics[0].url: is required']],
      [
        'refuses an aggregator it does not know',
        { metrics: [{ ...cost, type: 'datadog', aggregator: 'avrg' }] },
        ['spec.metrics[0].aggregator: expected one of avg, last, max, min, sum, got "avrg"; did you mean "avg"?'],
      ],
      [
        'refuses a delay that is no duration',
        { metrics: [{ ...cost, type: 'newrelic', delay: 'soon' }] },
        ['spec.metrics[0].delay: "soon" is not a duration; write 90s, 1h30m, 500ms or a number of seconds'],
      ],
      [
        'refuses a scrape check it does not know',
        { metrics: [{ ...cost, type: 'prometheus', url: 'http://x', scrapeCheck: 'often' }] },
        ['spec.metrics[0].scrapeCheck: "often" is not a scrape check; write targets, samples, none or a duration such as 30s'],
      ],
      [
        'wants one group in the regular expression of a logs metric',
        { metrics: [{ ...cost, type: 'logs', query: '(a)|(b)' }] },
        ['spec.metrics[0].query: "(a)|(b)" has 2 groups; exactly one must surround the number'],
      ],
      ['does not count groups that capture nothing', { metrics: [{ ...cost, type: 'logs', query: '(?:a|b): (\\d+)' }] }, []],
      [
        'refuses a broken regular expression',
        { metrics: [{ ...cost, type: 'logs', query: '(a' }] },
        ['spec.metrics[0].query: "(a" is not a regular expression'],
      ],
      ['leaves a regular expression that is a template alone', { metrics: [{ ...cost, type: 'logs', query: '{{values.gc}}' }] }, []],
    ]);
  });

  describe('patches and slots', () => {
    check([
      [
        'refuses a merge patch without target',
        { patches: [{ type: 'merge', patch: '' }] },
        ['spec.patches[0].targetRef: is required: a merge patch does not say what it is for'],
      ],
      ['leaves the target of a strategic patch to its body', { patches: [{ patch: 'kind: Deployment' }] }, []],
      [
        'refuses a target without apiVersion',
        { patches: [{ patch: '', targetRef: { kind: 'Deployment', name: 'x' } }] },
        ['spec.patches[0].targetRef.apiVersion: is required'],
      ],
      [
        "refuses a target without name, except the trial's own Job",
        {
          patches: [
            { patch: '', targetRef: { apiVersion: 'apps/v1', kind: 'Deployment' } },
            { patch: '', targetRef: { apiVersion: 'batch/v1', kind: 'Job' } },
          ],
        },
        ["spec.patches[0].targetRef.name: is required; only the trial's own Job (batch/v1) goes without"],
      ],
      [
        'refuses a target in another namespace',
        { patches: [{ patch: '', targetRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'other' } }] },
        [
          "spec.patches[0].targetRef.namespace: targets in other namespaces are refused; a patch goes to the trial's own slot, so remove the namespace",
        ],
      ],
      [
        'refuses a target that is a template or no name',
        {
          patches: [
            { patch: '', targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-{{values.gc}}' } },
            { patch: '', type: 'merge', targetRef: { apiVersion: 'apps/v1', kind: '{{values.gc}}', name: 'web' } },
            { patch: '', targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'Web_1' } },
          ],
          metrics: [{ ...cost, target: { kind: 'Service', name: '{{trial.name}}' } }],
        },
        [
          'spec.metrics[0].target.name: "{{trial.name}}" is a template, and a target is not rendered; write the name itself',
          'spec.patches[0].targetRef.name: "web-{{values.gc}}" is a template, and a target is not rendered; write the name itself, or leave targetRef out and name the object in the patch',
          'spec.patches[1].targetRef.kind: "{{values.gc}}" is a template, and a target is not rendered; write the name itself',
          'spec.patches[2].targetRef.name: "Web_1" cannot be the name of an object: lower-case letters, digits, inner hyphens and dots, at most 253',
        ],
      ],
      [
        'takes the names that objects can have, of roles others too',
        {
          patches: [
            { patch: '', targetRef: { apiVersion: 'example.com/v1', kind: 'Shop', name: 'web-1.example' } },
            { patch: '', targetRef: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', name: 'system:Reader_1' } },
          ],
        },
        [],
      ],
      [
        'refuses labels that no object can have',
        {
          metrics: [
            {
              ...cost,
              target: {
                kind: 'PodList',
                matchLabels: { app: '{{values.gc}}', 'a/b/c': 'x', tier: 'a b' },
                matchExpressions: [
                  { key: 'app!', operator: 'Exists' },
                  { key: 'app', operator: 'In', values: ['web', '-'] },
                  { key: 'app', operator: 'NotIn' },
                ],
              },
            },
          ],
          namespaceSelector: { matchLabels: { team: 'a/b' } },
          trialTemplate: {
            spec: {
              readinessGates: [
                { apiVersion: 'v1', kind: 'Pod', selector: { matchLabels: { app: 'a b' } } },
                { apiVersion: 'v1', kind: 'Pod', name: 'A' },
              ],
            },
          },
        },
        [
          'spec.metrics[0].target.matchLabels.app: "{{values.gc}}" is a template, and a selector is not rendered; write the value itself',
          'spec.metrics[0].target.matchLabels["a/b/c"]: "a/b/c" is not a label key: name or prefix/name of letters, digits, "-", "_" and "."',
          'spec.metrics[0].target.matchLabels.tier: "a b" is not a label value: at most 63 letters, digits, "-", "_" and "."',
          'spec.metrics[0].target.matchExpressions[0].key: "app!" is not a label key: name or prefix/name of letters, digits, "-", "_" and "."',
          'spec.metrics[0].target.matchExpressions[1].values[1]: "-" is not a label value: at most 63 letters, digits, "-", "_" and "."',
          'spec.metrics[0].target.matchExpressions[2].values: is required by NotIn',
          'spec.namespaceSelector.matchLabels.team: "a/b" is not a label value: at most 63 letters, digits, "-", "_" and "."',
          'spec.trialTemplate.spec.readinessGates[0].selector.matchLabels.app: "a b" is not a label value: at most 63 letters, digits, "-", "_" and "."',
          'spec.trialTemplate.spec.readinessGates[1].name: "A" cannot be the name of an object: lower-case letters, digits, inner hyphens and dots, at most 253',
        ],
      ],
      [
        'takes the labels that objects can have, and templates where they are rendered',
        {
          metrics: [
            {
              ...cost,
              target: {
                kind: 'PodList',
                matchLabels: { 'app.kubernetes.io/name': 'Web_1.2', empty: '' },
                matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }],
              },
            },
          ],
          trialTemplate: {
            spec: {
              readinessGates: [
                { apiVersion: 'v1', kind: 'Pod', selector: { matchLabels: { 'app-{{values.gc}}': '{{values.gc}}' } } },
                { apiVersion: 'v1', kind: 'Pod', name: 'web-{{values.gc}}' },
              ],
            },
          },
        },
        [],
      ],
      [
        'refuses an empty namespace selector',
        { namespaceSelector: {} },
        ['spec.namespaceSelector: is empty and would make every namespace a slot; write matchLabels'],
      ],
      [
        'lets a namespace template be empty, and selects what it makes by our own label',
        namespaces({}, { 'fieldtrial.dev/experiment': 'test' }),
        [],
      ],
      [
        'lets a namespace template have what the selector wants',
        namespaces({ metadata: { labels: { team: 'shop' } } }, { team: 'shop' }),
        [],
      ],
      [
        'refuses a namespace template that the selector would not find again, and names both',
        namespaces({ metadata: { labels: { team: 'cart' } } }, { team: 'shop' }),
        [
          'spec.namespaceTemplate.metadata.labels: namespaceSelector (team=shop) does not select namespaces with the labels team=cart, ' +
            'fieldtrial.dev/experiment=test, fieldtrial.dev/trial-role=slot; add the labels that it wants',
        ],
      ],
      [
        'refuses a namespace template with two names',
        { namespaceTemplate: { metadata: { name: 'shop', generateName: 'shop-' } } },
        ['spec.namespaceTemplate.metadata.generateName: stands beside name; keep one of the two'],
      ],
      [
        'refuses names of namespaces that Kubernetes refuses',
        { replicas: 10, namespaceTemplate: { metadata: { name: 'a'.repeat(61) } } },
        [
          `spec.namespaceTemplate.metadata.name: makes "${'a'.repeat(61)}-10", which is no DNS label: lower-case letters, digits and inner hyphens, at most 63 characters`,
        ],
      ],
      [
        'refuses more namespaces than anybody means, however many these are',
        { replicas: 5_000_000_000, namespaceTemplate: {} },
        ['spec.replicas: 5000000000 namespaces are too many for a namespaceTemplate; write at most 100'],
      ],
      [
        'refuses labels that are ours, and Pod Security that is looser than restricted',
        {
          namespaceTemplate: {
            metadata: {
              labels: {
                'fieldtrial.dev/experiment': 'other',
                'pod-security.kubernetes.io/enforce': 'privileged',
                'pod-security.kubernetes.io/warn': 'restricted',
              },
            },
          },
        },
        [
          'spec.namespaceTemplate.metadata.labels["fieldtrial.dev/experiment"]: is set by the runner; remove it',
          'spec.namespaceTemplate.metadata.labels["pod-security.kubernetes.io/enforce"]: "privileged" may loosen Pod Security, which is the ' +
            "installation's to say (--slot-labels); write restricted or remove it",
        ],
      ],
      [
        'refuses a namespace template beside the one slot',
        { namespaceTemplate: {}, trialTemplate: { metadata: { namespace: 'shop' } } },
        ['spec.namespaceTemplate: has no effect beside the one slot that trialTemplate.metadata.namespace names; keep one of the two'],
      ],
      [
        'refuses a spec of namespaces',
        { namespaceTemplate: { spec: {} } },
        ['spec.namespaceTemplate.spec: a namespace has nothing to say there; remove the field'],
      ],
    ]);
  });

  describe('suggestions', () => {
    check([
      [
        'says that the optimizer is not available',
        { suggest: { source: 'optimizer', budget: 4 } },
        ['spec.suggest.source: "optimizer" is not available in this version; this version has manual, grid, random, remote'],
      ],
      ['needs no budget where a remote API has one', { suggest: { source: 'remote' } }, []],
      [
        'refuses steps that a remote API would not keep',
        {
          suggest: { source: 'remote' },
          parameters: [
            { ...cpu, step: 100 },
            { ...cpu, name: 'memory', step: 1 },
          ],
        },
        ['spec.parameters[0].step: the Experiments API of suggest.source remote has no steps; scale the value in the patch'],
      ],
      ['wants a budget for random suggestions', { suggest: { source: 'random' } }, ['spec.suggest.budget: is required']],
      ['lets a grid end by itself', { suggest: { source: 'grid' } }, []],
    ]);
  });

  it('refuse labels by which a remote API cannot file an experiment', () => {
    const labels = { 'stormforge.io/application': 'My Shop', team: 'A & B', scenario: 'peak' };

    const remote = findingsOf({ suggest: { source: 'remote' } }, 'test', labels);

    assert.deepEqual(remote, [
      'metadata.labels["stormforge.io/application"]: "My Shop" is not a DNS label, and the remote API files experiments by it: lower-case letters, digits, inner hyphens',
    ]);
    assert.deepEqual(findingsOf({}, 'test', labels), []);
  });

  describe('trial templates', () => {
    check([
      [
        'refuses a template beside a reference to one',
        { trialTemplate: {}, templateRef: { name: 'k6' } },
        ['spec.templateRef: stands beside trialTemplate; keep one of the two'],
      ],
      [
        'accepts templates where numbers and durations belong',
        { trialTemplate: { spec: { initialDelaySeconds: '{{values.cpu}}', startTimeOffset: '{{values.cpu}}s' } } },
        [],
      ],
      [
        'refuses text that is neither the number nor a template',
        { trialTemplate: { spec: { initialDelaySeconds: 'soon' } } },
        ['spec.trialTemplate.spec.initialDelaySeconds: expected a number, got "soon"'],
      ],
      [
        'refuses a timeout of zero',
        { trialTemplate: { spec: { timeouts: { run: '0s' } } } },
        ['spec.trialTemplate.spec.timeouts.run: "0s" leaves the stage no time'],
      ],
      [
        'refuses two setup tasks of one name',
        { trialTemplate: tasks({ name: 'db', image: 'a' }, { name: 'db', image: 'b' }) },
        ['spec.trialTemplate.spec.setupTasks[1].name: "db" is already the name of item 1 of this list'],
      ],
      [
        'refuses a setup task that does nothing',
        { trialTemplate: tasks({ name: 'db' }) },
        ['spec.trialTemplate.spec.setupTasks[0]: does nothing; it needs image, helmChart or manifests'],
      ],
      [
        'refuses a chart in a task with an image of its own',
        { trialTemplate: tasks({ name: 'db', image: 'a', helmChart: 'charts/db' }) },
        ['spec.trialTemplate.spec.setupTasks[0].helmChart: has no effect in a task with an image of its own; make it two tasks'],
      ],
      [
        'refuses a path that leaves the repository',
        { trialTemplate: tasks({ name: 'db', manifests: ['setup', '../secrets'] }) },
        ['spec.trialTemplate.spec.setupTasks[0].manifests[1]: "../secrets" contains ".."; only paths inside the repository are read'],
      ],
      [
        'refuses a path that is a template',
        { trialTemplate: tasks({ name: 'db', helmChart: 'charts/{{values.gc}}' }) },
        [
          'spec.trialTemplate.spec.setupTasks[0].helmChart: "charts/{{values.gc}}" is a template; files are read before anything is rendered, so write the path itself',
        ],
      ],
      [
        'takes charts of folders, of registries, of chart repositories and of its own',
        {
          trialTemplate: tasks(
            { name: 'a', helmChart: 'charts/db' },
            { name: 'b', helmChart: 'oci://registry.example.com:5000/charts/db', helmChartVersion: '1.{{values.cpu}}' },
            { name: 'c', helmChart: 'db', helmRepository: 'https://charts.example.com/stable', helmChartVersion: '~1.2' },
            { name: 'd', helmChart: 'fieldtrial/prometheus', helmValuesFrom: [{ configMap: { name: 'scrape-{{values.cpu}}' } }] },
          ),
        },
        [],
      ],
      [
        'refuses an address that is no chart',
        { trialTemplate: tasks({ name: 'db', helmChart: 'https://charts.example.com/db.tgz' }) },
        [
          'spec.trialTemplate.spec.setupTasks[0].helmChart: "https://charts.example.com/db.tgz" is an address; write a folder of the repository, an oci:// reference, or a name and its helmRepository',
        ],
      ],
      [
        'refuses a registry reference with a version in it',
        { trialTemplate: tasks({ name: 'db', helmChart: 'oci://registry.example.com/db:1.0.0' }) },
        [
          'spec.trialTemplate.spec.setupTasks[0].helmChart: "oci://registry.example.com/db:1.0.0" is not a chart in a registry, such as oci://registry.example.com/charts/postgres; the version goes into helmChartVersion',
        ],
      ],
      [
        'refuses a registry as a chart repository',
        { trialTemplate: tasks({ name: 'db', helmChart: 'db', helmRepository: 'oci://registry.example.com/charts/' }) },
        [
          'spec.trialTemplate.spec.setupTasks[0].helmRepository: is a registry; write the whole reference into helmChart, such as oci://registry.example.com/charts/NAME',
        ],
      ],
      [
        'refuses a chart repository that is no address, is not fixed, or would be recorded with its password',
        {
          trialTemplate: tasks(
            { name: 'a', helmChart: 'db', helmRepository: 'bitnami' },
            { name: 'b', helmChart: 'db', helmRepository: 'https://{{values.gc}}.example.com' },
            { name: 'c', helmChart: 'db', helmRepository: 'https://me:secret@charts.example.com' },
          ),
        },
        [
          'spec.trialTemplate.spec.setupTasks[0].helmRepository: "bitnami" is not an http or https URL, such as https://charts.example.com',
          'spec.trialTemplate.spec.setupTasks[1].helmRepository: "https://{{values.gc}}.example.com" is a template; whoever reviews the experiment must see which host it is, so write the address',
          'spec.trialTemplate.spec.setupTasks[2].helmRepository: has a user name or password in it, which would be recorded; remove them',
        ],
      ],
      [
        'refuses a folder or another registry as a chart of a chart repository',
        {
          trialTemplate: tasks(
            { name: 'a', helmChart: 'stable/db', helmRepository: 'https://charts.example.com' },
            { name: 'b', helmChart: 'oci://registry.example.com/db', helmRepository: 'https://charts.example.com' },
          ),
        },
        [
          'spec.trialTemplate.spec.setupTasks[0].helmChart: "stable/db" is not the name of a chart in helmRepository; write a name such as postgres',
          'spec.trialTemplate.spec.setupTasks[1].helmChart: "oci://registry.example.com/db" is not the name of a chart in helmRepository; write a name such as postgres',
        ],
      ],
      [
        'refuses a version of what has none',
        {
          trialTemplate: tasks(
            { name: 'a', helmChart: 'charts/db', helmChartVersion: '1' },
            { name: 'b', helmChart: 'fieldtrial/prometheus', helmChartVersion: '1' },
          ),
        },
        ['0', '1'].map(
          (index) =>
            `spec.trialTemplate.spec.setupTasks[${index}].helmChartVersion: has no effect: only charts of a helmRepository and oci:// references have versions`,
        ),
      ],
      [
        'refuses what belongs to a chart where there is none',
        {
          trialTemplate: tasks({
            name: 'db',
            manifests: ['db.yaml'],
            helmRepository: 'https://charts.example.com',
            helmChartVersion: '1',
            helmValues: [{ name: 'x', value: 1 }],
            helmValuesFrom: [{ configMap: { name: 'tuning' } }],
          }),
        },
        ['helmRepository', 'helmChartVersion', 'helmValues', 'helmValuesFrom'].map(
          (field) => `spec.trialTemplate.spec.setupTasks[0].${field}: has no effect without helmChart`,
        ),
      ],
      [
        'refuses a second Prometheus for one trial',
        {
          trialTemplate: tasks({ name: 'a', helmChart: 'fieldtrial/prometheus' }, { name: 'b', helmChart: 'fieldtrial/prometheus' }),
        },
        ['spec.trialTemplate.spec.setupTasks[1].helmChart: a trial has one Prometheus; keep one of the two tasks'],
      ],
      [
        'refuses files that lie outside of the repository or are not fixed',
        { trialTemplate: files({ path: '../load.js', mountPath: '/a' }, { path: 'load/{{values.gc}}.js', mountPath: '/b' }) },
        [
          'spec.trialTemplate.spec.files[0].path: "../load.js" contains ".."; only paths inside the repository are read',
          'spec.trialTemplate.spec.files[1].path: "load/{{values.gc}}.js" is a template; files are read before anything is rendered, so write the path itself',
        ],
      ],
      [
        'refuses a place for files that is no folder of a container',
        {
          trialTemplate: files(
            { path: 'a', mountPath: 'load' },
            { path: 'b', mountPath: '/' },
            { path: 'c', mountPath: '/load/' },
            { path: 'd', mountPath: '/load/../etc' },
          ),
        },
        ['load', '/', '/load/', '/load/../etc'].map(
          (place, index) =>
            `spec.trialTemplate.spec.files[${index}].mountPath: "${place}" is not the absolute path of a folder in the container, such as /load`,
        ),
      ],
      [
        'refuses files in a folder of other files, and leaves a place that is a template to its rendering',
        {
          trialTemplate: files(
            { path: 'a', mountPath: '/load' },
            { path: 'b', mountPath: '/load/lib' },
            { path: 'c', mountPath: '/load' },
            { path: 'd', mountPath: '/{{values.gc}}' },
          ),
        },
        ['spec.trialTemplate.spec.files[1].mountPath: "/load/lib" is inside /load, which is mounted already; choose a folder beside it'],
      ],
      [
        'refuses files where a container mounts something itself',
        {
          trialTemplate: {
            spec: {
              files: [{ path: 'a', mountPath: '/data' }],
              jobTemplate: {
                spec: { template: { spec: { containers: [{ name: 'load', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } } },
              },
            },
          },
        },
        ['spec.trialTemplate.spec.files[0].mountPath: container load mounts /data itself; choose another folder'],
      ],
      [
        'refuses a chart value of an unknown parameter',
        {
          trialTemplate: tasks({
            name: 'db',
            helmChart: 'charts/db',
            helmValues: [{ name: 'x', valueFrom: { parameterRef: { name: 'cpus' } } }],
          }),
        },
        ['spec.trialTemplate.spec.setupTasks[0].helmValues[0].valueFrom.parameterRef.name: unknown parameter "cpus"; did you mean "cpu"?'],
      ],
      [
        'wants a name or labels in a readiness gate',
        { trialTemplate: { spec: { readinessGates: [{ apiVersion: 'v1', kind: 'Pod' }] } } },
        ['spec.trialTemplate.spec.readinessGates[0]: needs name or selector'],
      ],
    ]);
  });

  describe('unknown fields', () => {
    check([
      ['are told with the nearest known one', { replica: 2 }, ['spec.replica: unknown field; did you mean "replicas"?']],
      [
        'are told with all known ones when none is near',
        { failurePolicy: { whatever: 1 } },
        ['spec.failurePolicy.whatever: unknown field; known are maxConsecutive, maxTotal'],
      ],
      [
        'of the ancestor are told with what to do instead',
        { optimization: [], selector: {} },
        [
          'spec.optimization: write suggest: {source: random, budget: 40} instead',
          'spec.selector: trials belong to the experiment of their record; remove the field',
        ],
      ],
      [
        'called __proto__ are found as well',
        JSON.parse('{"__proto__": {"x": 1}}'),
        [
          'spec.__proto__: unknown field; known are replicas, suggest, failurePolicy, parameters, constraints, metrics, patches, restore, namespaceSelector, namespaceTemplate, trialTemplate, templateRef',
        ],
      ],
    ]);
  });

  it('still judge everything else when the schema refuses some items', () => {
    const found = findingsOf({
      replica: 1,
      parameters: [
        { name: 'memory', min: 'low', max: 5 },
        { ...cpu, max: 50 },
      ],
      constraints: [{ name: 'order', order: { lowerParameter: 'cpu', upperParameter: 'memory' } }],
      trialTemplate: tasks({ name: 'x', image: 3 }, { name: 'y' }),
    });

    assert.deepEqual(found.toSorted(), [
      'spec.parameters[0].min: expected a number, got "low"',
      'spec.parameters[1].max: 50 is below min, which is 100',
      'spec.replica: unknown field; did you mean "replicas"?',
      'spec.trialTemplate.spec.setupTasks[0].image: expected text, got 3; write it in quotes',
      'spec.trialTemplate.spec.setupTasks[1]: does nothing; it needs image, helmChart or manifests',
    ]);
  });

  it('do not pick a document of another kind to pieces', () => {
    const { findings } = checkExperiment({
      apiVersion: 'redsky.carbonrelay.com/v1alpha1',
      kind: 'Experiment',
      spec: { optimization: [] },
    });

    assert.deepEqual(findings, [
      { path: ['apiVersion'], message: 'expected fieldtrial.dev/v1alpha1, got "redsky.carbonrelay.com/v1alpha1"' },
    ]);
  });
});

function check(cases: Case[]): void {
  for (const [sentence, spec, found] of cases) {
    it(sentence, () => {
      assert.deepEqual(findingsOf(spec), found);
    });
  }
}

function findingsOf(fields: Record<string, unknown>, name = 'test', labels?: Record<string, string>): string[] {
  const spec = { parameters: [cpu], metrics: [cost] };
  for (const [field, value] of Object.entries(fields)) Object.defineProperty(spec, field, { value, enumerable: true, configurable: true });
  const { findings } = checkExperiment({
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name, ...(labels && { labels }) },
    spec,
  });
  return findings.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

function namespaces(namespaceTemplate: unknown, matchLabels: Record<string, string>) {
  return { namespaceTemplate, namespaceSelector: { matchLabels } };
}

function order(lowerParameter: string, upperParameter: string) {
  return { name: 'order', order: { lowerParameter, upperParameter } };
}

function files(...mounted: unknown[]) {
  return { spec: { files: mounted } };
}

function tasks(...setupTasks: unknown[]) {
  return { spec: { setupTasks } };
}
