import assert from 'node:assert/strict';
import type { Locate } from '../../../runner/definition/locate.ts';
import { parseTrialTemplate, type TemplateContext } from '../../../runner/definition/parse-trial-template.ts';
import { InvalidInput, formatProblem } from '../../../runner/model/errors.ts';

const locate: Locate = (path) => ({ file: 'f.yaml', line: path.length + 1 });

describe('parseTrialTemplate', () => {
  it('fills in every default of an empty template', () => {
    assert.deepEqual(parseTrialTemplate(null, locate), {
      labels: {},
      annotations: {},
      setupTasks: [],
      setupVolumes: [],
      setupServiceAccountName: 'fieldtrial-setup',
      files: [],
      initialDelay: 0,
      startTimeOffset: 0,
      approximateRuntime: 120_000,
      timeouts: { setup: 300_000, setupDelete: 300_000, stabilize: 600_000, run: 3_720_000, collect: 300_000 },
      readinessGates: [],
      jobTemplate: {},
    });
  });

  it('reads durations as milliseconds, numbers as seconds', () => {
    const template = parse({
      startTimeOffset: '1m30s',
      approximateRuntime: 45,
      initialDelaySeconds: 3,
      timeouts: { collect: '500ms' },
    });

    const { startTimeOffset, approximateRuntime, initialDelay, timeouts } = template;
    assert.deepEqual([startTimeOffset, approximateRuntime, initialDelay, timeouts.collect], [90_000, 45_000, 3000, 500]);
  });

  it('adds the approximate runtime to the default run timeout only', () => {
    assert.equal(parse({ approximateRuntime: '10m' }).timeouts.run, 4_200_000);
    assert.equal(parse({ approximateRuntime: '10m', timeouts: { run: '20m' } }).timeouts.run, 1_200_000);
  });

  it("uses the settings' timeouts where the template has none", () => {
    const { timeouts } = parse({ timeouts: { setup: '1s' } }, { timeouts: { setup: 9000, stabilize: 7000 } });

    assert.deepEqual([timeouts.setup, timeouts.stabilize], [1000, 7000]);
  });

  it('takes text that a block expression rendered for what it says', () => {
    const template = parse({ initialDelaySeconds: '5', setupTasks: [{ name: 'db', image: 'a', skipDelete: 'true' }] });

    assert.equal(template.initialDelay, 5000);
    assert.equal(template.setupTasks[0]!.skipDelete, true);
  });

  it('fills in the defaults of setup tasks and gives chart values their assignments', () => {
    const helmValues = [
      { name: 'a', value: '1' },
      { name: 'b', valueFrom: { parameterRef: { name: 'cpu' } }, forceString: true },
    ];

    const { setupTasks } = parse({ setupTasks: [{ name: 'db', helmChart: 'charts/db', helmValues }] }, { values: { cpu: 500 } });

    assert.deepEqual(setupTasks, [
      {
        name: 'db',
        chart: { from: 'folder', chart: 'charts/db' },
        labels: {},
        helmValuesFrom: [],
        env: [],
        volumeMounts: [],
        skipCreate: false,
        skipDelete: false,
        helmValues: [
          { name: 'a', value: '1', forceString: false },
          { name: 'b', value: 500, forceString: true },
        ],
        manifests: [],
      },
    ]);
  });

  it('reads readiness gates', () => {
    const gate = { apiVersion: 'v1', kind: 'Pod', selector: { matchLabels: { app: 'x' } } };

    assert.deepEqual(parse({ readinessGates: [{ ...gate, initialDelaySeconds: 2 }] }).readinessGates, [
      { ...gate, conditionTypes: [], initialDelay: 2000 },
    ]);
  });

  it('reports every problem at its place in the file', () => {
    const broken = { spec: { setupTask: [], startTimeOffset: '{{oops}}' }, metadata: { labels: { a: 1 } } };

    assert.deepEqual(
      problemsOf(() => parseTrialTemplate(broken, locate)),
      [
        'f.yaml:4: metadata.labels.a: expected text, got 1; write it in quotes',
        'f.yaml:3: spec.startTimeOffset: "{{oops}}" is not a duration; write 90s, 1h30m, 500ms or a number of seconds',
        'f.yaml:3: spec.setupTask: unknown field; did you mean "setupTasks"?',
      ],
    );
  });

  it('names the place of an inline template in its file', () => {
    const parsing = () => parseTrialTemplate({ spec: { setupTasks: [{ name: 'db' }] } }, locate, { at: ['spec', 'trialTemplate'] });

    assert.deepEqual(problemsOf(parsing), [
      'f.yaml:4: spec.trialTemplate.spec.setupTasks[0]: does nothing; it needs image, helmChart or manifests',
    ]);
  });

  it('lets an inline template name its slot, but not a shared one', () => {
    const template = { metadata: { namespace: 'shop' } };

    assert.deepEqual(
      problemsOf(() => parseTrialTemplate(template, locate, { at: ['spec', 'trialTemplate'] })),
      [],
    );
    assert.deepEqual(
      problemsOf(() => parseTrialTemplate(template, locate)),
      ['f.yaml:3: metadata.namespace: a shared template cannot choose the slot; write namespaceSelector into the experiment'],
    );
  });

  it('refuses what is no template at all', () => {
    assert.deepEqual(
      problemsOf(() => parseTrialTemplate(['x'], locate)),
      ['f.yaml:1: expected a mapping, got a list'],
    );
  });

  function parse(spec: unknown, context?: TemplateContext) {
    return parseTrialTemplate({ spec }, locate, context);
  }
});

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}
