import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { renderTrial, templateScope, type RenderSource } from '../../../runner/lifecycle/render-trial.ts';
import { DEFAULT_PROMETHEUS_URL } from '../../../runner/model/bundled-prometheus.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';
import type { Experiment, JsonObject, Metric } from '../../../runner/model/experiment.ts';
import { aMetric, anExperiment, anInteger } from '../../support/builders.ts';
import { repositoryOf } from '../../support/repository-of.ts';
import { aTrial } from '../../support/trials.ts';

const FILE = 'experiments/sizing/experiment.yaml';

function aSource(fields: Partial<Experiment>, files: Record<string, string> = {}): RenderSource {
  return {
    experiment: anExperiment(fields),
    locate: () => ({ file: FILE, line: 7 }),
    files: repositoryOf(files),
    image: 'fieldtrial:test',
    timeouts: {},
  };
}

/** The trial of an experiment whose inline template has this spec. */
function renderSpec(spec: JsonObject, files: Record<string, string> = {}, fields: Partial<Experiment> = {}) {
  return renderTrial(aTrial(), aSource({ trialTemplate: { from: 'inline', template: { spec } }, ...fields }, files));
}

const jobWith = (container: JsonObject, more: JsonObject = {}): JsonObject => ({
  jobTemplate: { spec: { ...more, template: { spec: { containers: [{ name: 'load', image: 'load:1', ...container }] } } } },
});

/** What keeps a trial from being rendered, one line each as it is printed. */
async function problemsOf(rendering: Promise<unknown>): Promise<string[]> {
  const error: unknown = await rendering.then(
    () => assert.fail('it was rendered'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof InvalidInput, String(error));
  return error.message.split('\n');
}

describe('what templates see of a trial', () => {
  it('is its name, slot, number and experiment, and its values by name', () => {
    assert.deepEqual(
      templateScope(
        aTrial({
          assignments: [
            { name: 'cpu', value: 2 },
            { name: 'gc', value: 'G1' },
          ],
        }),
      ),
      {
        trial: { name: 'sizing-001', namespace: 'shop-1', number: 1, experiment: 'sizing' },
        values: { cpu: 2, gc: 'G1' },
      },
    );
  });
});

describe('a rendered trial', () => {
  it('has strings where Kubernetes wants strings', async () => {
    const { job } = await renderSpec(jobWith({ args: ['{{values.cpu}}'], env: [{ name: 'USERS', value: '{{values.cpu}}' }] }));

    const [container] = (job as any).spec.template.spec.containers;
    assert.deepEqual(container.args, ['2']);
    assert.deepEqual(container.env.at(-1), { name: 'USERS', value: '2' });
  });

  it('has numbers elsewhere, where a string is one expression', async () => {
    const { job } = await renderSpec(jobWith({}, { parallelism: '{{values.cpu}}' }));

    assert.equal((job as any).spec.parallelism, 2);
  });

  it('renders durations before they are read', async () => {
    const { startTimeOffset, timeouts } = await renderSpec({ startTimeOffset: '{{values.cpu}}s', timeouts: { run: '{{values.cpu}}m' } });

    assert.equal(startTimeOffset, 2_000);
    assert.equal(timeouts.run, 120_000);
  });

  it("takes the settings' timeouts where the template leaves them open", async () => {
    const source = {
      ...aSource({ trialTemplate: { from: 'inline', template: { spec: { timeouts: { collect: '1m' } } } } }),
      timeouts: { collect: 5_000, stabilize: 7_000 },
    };

    const { timeouts } = await renderTrial(aTrial(), source);

    assert.equal(timeouts.collect, 60_000);
    assert.equal(timeouts.stabilize, 7_000);
  });

  it('has a Job into which its own patches are merged, by the name that the template gives it', async () => {
    const { patches, jobPatches, job } = await renderSpec(
      { jobTemplate: { metadata: { name: 'load' }, spec: { template: { spec: { containers: [{ name: 'load', image: 'load:1' }] } } } } },
      {},
      {
        patches: [
          {
            type: 'strategic',
            targetRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'load' },
            patch: 'spec: {parallelism: {{values.cpu}} }',
          },
          { type: 'strategic', targetRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'sizing' }, patch: 'spec: {suspend: true}' },
        ],
      },
    );

    assert.equal((job as any).spec.parallelism, 2);
    assert.deepEqual(jobPatches, [{ target: 'Job load', type: 'strategic', effect: 'job' }]);
    // With a name of its own the Job is meant by no other: R§25.1.1 turned this around.
    assert.deepEqual(
      patches.map(({ target }) => target.name),
      ['sizing'],
    );
  });

  it('has its patches and metrics', async () => {
    const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' };

    const { patches, metrics } = await renderSpec(
      {},
      {},
      { patches: [{ type: 'strategic', targetRef, patch: 'spec: {replicas: {{values.cpu}} }' }] },
    );

    assert.deepEqual(patches, [{ index: 0, target: targetRef, type: 'strategic', body: { spec: { replicas: 2 } } }]);
    assert.deepEqual(
      metrics.map(({ name }) => name),
      ['p95'],
    );
  });

  it('is JSON, as the journal holds it', async () => {
    const rendered = await renderSpec({ setupTasks: [{ name: 'seed', image: 'seed:1' }], ...jobWith({}) });

    const journaled: unknown = JSON.parse(JSON.stringify(rendered));

    assert.deepEqual(JSON.parse(JSON.stringify(journaled)), journaled);
    assert.equal((journaled as typeof rendered).setup?.create !== undefined, true);
  });

  describe('of a shared template', () => {
    const shared = (text: string, args: Record<string, unknown> = {}) =>
      renderTrial(aTrial(), aSource({ trialTemplate: { from: 'file', path: 'templates/k6.yaml', text, with: args } }));

    it('sees the arguments that the experiment gives, themselves rendered', async () => {
      const text = 'spec:\n  approximateRuntime: {{args.seconds}}s\n  startTimeOffset: {{args.offset}}s\n';

      const { job, startTimeOffset } = await shared(text, { seconds: 30, offset: '{{values.cpu}}' });

      assert.equal(startTimeOffset, 2_000);
      assert.deepEqual((job as any).spec.template.spec.containers[0].command, ['sleep', '32']);
    });

    it('may be built by blocks, as text', async () => {
      const text = 'spec:\n{{#if (eq values.cpu 2)}}  initialDelaySeconds: 3\n{{/if}}';

      assert.equal((await shared(text)).initialDelay, 3_000);
    });

    it('is refused at the line where it uses an argument that nobody gives', async () => {
      const [problem] = await problemsOf(shared('spec:\n  approximateRuntime: {{args.second}}s\n', { seconds: 30 }));

      assert.match(problem ?? '', /^templates\/k6\.yaml:2: .*second/);
    });

    it('is refused at the line where it renders to a field that does not exist', async () => {
      const [problem] = await problemsOf(shared('spec:\n  startOffset: 3s\n'));

      assert.match(problem ?? '', /^templates\/k6\.yaml:2: spec\.startOffset: /);
    });

    it('is refused when it renders to nothing', async () => {
      assert.deepEqual(await problemsOf(shared('{{#if (eq values.cpu 1)}}spec: {}{{/if}}')), [
        'templates/k6.yaml: renders to nothing; expected a trial template with a spec',
      ]);
    });

    it('is refused where an argument has an unknown name', async () => {
      const [problem] = await problemsOf(shared('spec: {}', { seconds: '{{values.cpus}}' }));

      assert.match(problem ?? '', /^experiments\/sizing\/experiment\.yaml:7: spec\.templateRef\.with\.seconds: .*cpus/);
    });
  });

  describe('that is a baseline', () => {
    const isBaseline = async (assignments: Record<string, number>, parameters: Experiment['parameters']) => {
      const trial = aTrial({ assignments: Object.entries(assignments).map(([name, value]) => ({ name, value })) });
      return (await renderTrial(trial, aSource({ parameters }))).baseline;
    };

    it("has all of the parameters' baselines, whoever suggested it", async () => {
      assert.equal(await isBaseline({ cpu: 2, mem: 5 }, [anInteger('cpu', { baseline: 2 }), anInteger('mem', { baseline: 5 })]), true);
    });

    it('is none when one value is another', async () => {
      assert.equal(await isBaseline({ cpu: 2, mem: 6 }, [anInteger('cpu', { baseline: 2 }), anInteger('mem', { baseline: 5 })]), false);
    });

    it('is none when parameters have no baseline', async () => {
      assert.equal(await isBaseline({ cpu: 2 }, [anInteger('cpu')]), false);
    });
  });

  describe('with setup tasks of the runner', () => {
    const CHART = { 'charts/pg/Chart.yaml': 'name: pg\n', 'charts/pg/values.yaml': 'memory: 1\n' };
    const configMapOf = ({ setup }: Awaited<ReturnType<typeof renderSpec>>): any => setup?.configMaps[0];
    const orderOf = (rendered: Awaited<ReturnType<typeof renderSpec>>, task: string) =>
      JSON.parse(configMapOf(rendered).data[`${task}.json`]);

    it('packs a chart and says how it is installed', async () => {
      const task = {
        name: 'db',
        helmChart: 'charts/pg',
        helmValues: [
          { name: 'memory', value: '{{values.cpu}}' },
          { name: 'tag', value: '1', forceString: true },
        ],
      };

      const rendered = await renderSpec({ setupTasks: [task], timeouts: { setup: '90s' } }, CHART);

      assert.deepEqual(orderOf(rendered, 'db'), {
        type: 'helm',
        release: 'db',
        chart: { from: 'packed', file: 'db.tgz' },
        values: [
          { name: 'memory', value: 2, forceString: false },
          { name: 'tag', value: '1', forceString: true },
        ],
        valuesFolders: [],
        labels: {
          'fieldtrial.dev/experiment': 'sizing',
          'fieldtrial.dev/trial': 'sizing-001',
          'fieldtrial.dev/trial-role': 'trialSetup',
          'fieldtrial.dev/trial-uid': 'trial-uid',
        },
        timeoutSeconds: { create: 90, delete: 300 },
      });
      const packed = Buffer.from(configMapOf(rendered).binaryData['db.tgz'], 'base64');
      assert.match(gunzipSync(packed).toString('latin1'), /pg\/Chart\.yaml/);
    });

    it('says where helm finds a chart that is no folder of the repository', async () => {
      const setupTasks = [
        { name: 'a', helmChart: 'oci://registry.example.com/db', helmChartVersion: '1.{{values.cpu}}' },
        { name: 'b', helmChart: 'db', helmRepository: 'https://charts.example.com' },
        { name: 'c', helmChart: 'fieldtrial/prometheus' },
      ];

      const rendered = await renderSpec({ setupTasks });

      assert.deepEqual(
        ['a', 'b', 'c'].map((task) => [orderOf(rendered, task).release, orderOf(rendered, task).chart]),
        [
          ['a', { from: 'registry', chart: 'oci://registry.example.com/db', version: '1.2' }],
          ['b', { from: 'repository', repository: 'https://charts.example.com', chart: 'db' }],
          // Whoever pushes and asks must find it, whatever the task is called.
          ['fieldtrial-prometheus', { from: 'runner', chart: 'fieldtrial/prometheus' }],
        ],
      );
      assert.deepEqual(configMapOf(rendered).binaryData, {});
    });

    it('says where its values files are mounted', async () => {
      const helmValuesFrom = [{ configMap: { name: 'tuning-{{values.cpu}}' } }];

      const rendered = await renderSpec({ setupTasks: [{ name: 'db', helmChart: 'charts/pg', helmValuesFrom }] }, CHART);

      assert.deepEqual(orderOf(rendered, 'db').valuesFolders, ['/fieldtrial/values/tuning-2']);
    });

    it('gives values of parameters their assignments, as numbers unless text is asked for', async () => {
      const valueFrom = { parameterRef: { name: 'cpu' } };
      const helmValues = [
        { name: 'cpu', valueFrom },
        { name: 'tag', valueFrom, forceString: true },
      ];

      const rendered = await renderSpec({ setupTasks: [{ name: 'db', helmChart: 'charts/pg', helmValues }] }, CHART);

      assert.deepEqual(orderOf(rendered, 'db').values, [
        { name: 'cpu', value: 2, forceString: false },
        { name: 'tag', value: 2, forceString: true },
      ]);
    });

    it('renders manifests, files and folders in the order given', async () => {
      const files = {
        'manifests/db.yaml': 'kind: ConfigMap\nvalue: "{{values.cpu}}"\n---\nkind: Service\n',
        'manifests/more/b.yml': 'kind: B\n',
        'manifests/more/a.json': '{"kind": "A"}',
        'manifests/more/README.md': 'not a manifest',
      };

      const rendered = await renderSpec({ setupTasks: [{ name: 'db', manifests: ['manifests/more', 'manifests/db.yaml'] }] }, files);

      assert.deepEqual(orderOf(rendered, 'db').objects, [
        { kind: 'A' },
        { kind: 'B' },
        { kind: 'ConfigMap', value: '2' },
        { kind: 'Service' },
      ]);
    });

    it('refuses a chart that is none', async () => {
      assert.deepEqual(await problemsOf(renderSpec({ setupTasks: [{ name: 'db', helmChart: 'charts/pg' }] })), [
        `${FILE}:7: spec.trialTemplate.spec.setupTasks: task "db": helmChart "charts/pg" is no chart of the repository; expected charts/pg/Chart.yaml`,
      ]);
    });

    it('refuses manifests that lead to nothing', async () => {
      const [problem] = await problemsOf(renderSpec({ setupTasks: [{ name: 'db', manifests: ['manifests'] }] }));

      assert.match(problem ?? '', /task "db": manifests "manifests" leads to no file of the repository/);
    });

    it('refuses a manifest with an unknown name, at its own line', async () => {
      const files = { 'db.yaml': 'kind: ConfigMap\nvalue: {{values.cpus}}\n' };

      const [problem] = await problemsOf(renderSpec({ setupTasks: [{ name: 'db', manifests: ['db.yaml'] }] }, files));

      assert.match(problem ?? '', /^db\.yaml:2: .*cpus/);
    });

    it('refuses what does not fit into a ConfigMap', async () => {
      const files = { 'big.yaml': `data: ${'x'.repeat(1_000_001)}` };

      const [problem] = await problemsOf(renderSpec({ setupTasks: [{ name: 'db', manifests: ['big.yaml'] }] }, files));

      assert.match(problem ?? '', /are \d+ bytes packed; a ConfigMap holds at most 1000000, so use a task with an image of its own/);
    });
  });

  describe('with files of the repository', () => {
    const FILES = { 'load/a.js': 'a {{values.nothing}}', 'load/lib/b.js': 'b', 'seed.sql': 's' };
    const mounting = (...files: object[]) => renderSpec({ files, ...jobWith({}) }, FILES);

    it('finds a file by its name, and what is in a folder by its path in it, all of it as it is', async () => {
      const { files, job } = (await mounting(
        { path: 'load', mountPath: '/load-{{values.cpu}}' },
        { path: 'seed.sql', mountPath: '/seed' },
      )) as { files?: any; job: any };

      assert.deepEqual(files.data, { '0-a.js': 'a {{values.nothing}}', '1-b.js': 'b', '2-seed.sql': 's' });
      const { volumes, containers } = job.spec.template.spec;
      assert.deepEqual(
        volumes.map(({ configMap }: any) => configMap.items.map(({ path }: any) => path)),
        [['a.js', 'lib/b.js'], ['seed.sql']],
      );
      assert.deepEqual(
        containers[0].volumeMounts.map(({ mountPath }: any) => mountPath),
        ['/load-2', '/seed'],
      );
    });

    it('is refused when there is no such file', async () => {
      assert.deepEqual(await problemsOf(mounting({ path: 'load', mountPath: '/load' }, { path: 'none', mountPath: '/none' })), [
        `${FILE}:7: spec.trialTemplate.spec.files[1].path: there is no "none" in the repository`,
      ]);
    });

    it('is refused when two would lie in one place', async () => {
      const files = { 'a/x': '', 'b/x': '' };
      const spec = {
        files: [
          { path: 'a', mountPath: '/load' },
          { path: 'b/x', mountPath: '/load' },
        ],
      };

      assert.deepEqual(await problemsOf(renderSpec(spec, files)), [
        `${FILE}:7: spec.trialTemplate.spec.files: a/x and b/x would both be /load/x`,
      ]);
    });

    it('is refused when they do not fit into a ConfigMap', async () => {
      const files = { 'a/x': 'x'.repeat(600_000), 'a/y': 'y'.repeat(600_000) };

      assert.deepEqual(await problemsOf(renderSpec({ files: [{ path: 'a', mountPath: '/load' }] }, files)), [
        `${FILE}:7: spec.trialTemplate.spec.files: are 1200000 bytes; a ConfigMap holds at most 1000000, so put them into an image`,
      ]);
    });
  });

  describe('with a prometheus metric that names no server', () => {
    const metrics: Metric[] = [
      { ...aMetric('p95'), type: 'prometheus', url: DEFAULT_PROMETHEUS_URL, query: 'up', scrapeCheck: { by: 'none' } },
    ];

    it("asks the trial's own", async () => {
      const setupTasks = [{ name: 'measure', helmChart: 'fieldtrial/prometheus' }];

      assert.deepEqual((await renderSpec({ setupTasks }, {}, { metrics })).metrics, metrics);
    });

    it('is refused where no setup task installs one, which for a shared template is known only now', async () => {
      const trialTemplate = { from: 'file', path: 'templates/k6.yaml', text: 'spec: {}', with: {} } as const;

      assert.deepEqual(await problemsOf(renderTrial(aTrial(), aSource({ trialTemplate, metrics }))), [
        `${FILE}:7: spec.metrics[0].url: is required, as no setup task has helmChart: fieldtrial/prometheus`,
      ]);
    });
  });

  describe('that cannot be rendered', () => {
    it('tells every problem of template, patches and manifests at once, each at its place', async () => {
      const files = { 'a.yaml': 'a: {{values.a}}', 'b.yaml': 'b: {{values.b}}' };
      const spec = {
        setupTasks: [
          { name: 'a', manifests: ['a.yaml'] },
          { name: 'b', manifests: ['b.yaml'] },
        ],
      };

      const problems = await problemsOf(renderSpec(spec, files, { patches: [{ type: 'strategic', patch: 'spec: {}' }] }));

      assert.equal(problems.length, 3);
      assert.match(problems[0] ?? '', /^experiments\/sizing\/experiment\.yaml:7: spec\.patches\[0\]\.patch: names no target/);
      assert.match(problems[1] ?? '', /^a\.yaml:1: unknown name "values\.a"/);
      assert.match(problems[2] ?? '', /^b\.yaml:1: unknown name "values\.b"/);
    });

    it('tells the problems of patches also when the template has some', async () => {
      const problems = await problemsOf(
        renderSpec({ ...jobWith({ args: ['{{values.a}}', '{{values.b}}'] }) }, {}, { patches: [{ type: 'strategic', patch: 'spec: {}' }] }),
      );

      assert.equal(problems.length, 3);
      assert.match(problems[0] ?? '', /spec\.trialTemplate\.spec\.jobTemplate\.spec\.template\.spec\.containers\[0\]\.args\[0\]/);
      assert.match(problems[2] ?? '', /spec\.patches\[0\]\.patch/);
    });

    it('says so when a rendered value has no sense, with its field', async () => {
      const [problem] = await problemsOf(renderSpec({ startTimeOffset: '{{values.cpu}} bananas' }));

      assert.match(problem ?? '', /spec\.trialTemplate\.spec\.startTimeOffset: .*2 bananas/);
    });
  });
});
