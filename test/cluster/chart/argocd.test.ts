import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { CHART, only, renderChart, VALUES } from '../../support/helm.ts';

const HOOK = { ...VALUES, mode: 'argocd-hook' };
const EXPERIMENT = 'experiments/checkout/experiment.yaml';

describe('the chart in mode argocd-hook', function () {
  this.timeout('60s');

  let repository: string;

  /** The chart kept in the repository of the experiments, with links to them. */
  beforeEach(async () => {
    repository = await mkdtemp(join(tmpdir(), 'fieldtrial-chart-'));
    await cp(CHART, join(repository, 'deploy'), { recursive: true });
    await mkdir(join(repository, 'deploy/repository'));
    for (const folder of ['experiments', 'templates']) await symlink(`../../${folder}`, join(repository, 'deploy/repository', folder));
    await write(EXPERIMENT, 'kind: Experiment');
    await write('templates/k6.yaml', 'spec: {}');
  });
  afterEach(() => rm(repository, { recursive: true }));

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), text);
  }

  function render(): Promise<KubeObject[]> {
    return renderChart(HOOK, join(repository, 'deploy'));
  }

  async function digest(): Promise<string> {
    return only(await render(), 'ConfigMap')['data'].digest;
  }

  it('is a ConfigMap that is no hook, and a PostSync hook that is named by its digest, beside the CronJob', async () => {
    const objects = await render();

    const trigger = only(objects, 'ConfigMap');
    const hook = only(objects, 'Job');
    assert.equal(trigger.metadata.annotations, undefined);
    assert.match(trigger['data'].digest, /^[0-9a-f]{64}$/);
    assert.equal(hook.metadata.name, `fieldtrial-${trigger['data'].digest.slice(0, 10)}`);
    assert.deepEqual(hook.metadata.annotations, {
      'argocd.argoproj.io/hook': 'PostSync',
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation,HookSucceeded',
    });
    assert.equal(hook.spec.ttlSecondsAfterFinished, 604_800);
    const { ttlSecondsAfterFinished: _, ...spec } = hook.spec;
    assert.deepEqual(only(objects, 'CronJob').spec.jobTemplate.spec, spec);
  });

  it('has no helm test, which Argo CD does not know', async () => {
    assert.ok(!(await render()).some(({ kind }) => kind === 'Pod'));
  });

  it('renders the same from the same experiments', async () => {
    assert.deepEqual(await render(), await render());
  });

  const changes: [what: string, path: string][] = [
    ['an experiment', EXPERIMENT],
    ['a second experiment', 'experiments/search/experiment.yaml'],
    ['a suggestion', 'experiments/checkout/suggestions/small.yaml'],
    ['a file of the same name in another folder', 'experiments/checkout/manifests/experiment.yaml'],
    ['a shared template', 'templates/k6.yaml'],
  ];
  for (const [what, path] of changes) {
    it(`starts a run when ${what} changes`, async () => {
      const before = await digest();

      await write(path, 'something: else');

      assert.notEqual(await digest(), before);
    });
  }

  const others: [what: string, path: string][] = [
    ['results beside the definitions', 'experiments/checkout/trials/001.yaml'],
    ['what is kept of a remote API', 'experiments/checkout/remote.yaml'],
    ['a README', 'experiments/README.md'],
    ['anything else of the repository', 'src/main.go'],
  ];
  for (const [what, path] of others) {
    it(`starts none because of ${what}`, async () => {
      const before = await render();

      await write(path, 'phase: Completed');

      assert.deepEqual(await render(), before);
    });
  }

  it('takes the texts that an Application hands to a published chart', async () => {
    const of = async (checkout: string) =>
      only(await renderChart({ ...HOOK, argocd: { files: { checkout } } }), 'ConfigMap')['data'].digest;

    const [first, again, other] = [await of('a: 1'), await of('a: 1'), await of('a: 2')];

    assert.equal(first, again);
    assert.notEqual(first, other);
  });

  it('leaves the CronJob out when it is told to', async () => {
    const objects = await renderChart({ ...HOOK, argocd: { files: { checkout: 'a: 1' }, safetyNet: false } });

    assert.ok(!objects.some(({ kind }) => kind === 'CronJob'));
  });
});

describe("the documentation's Application", () => {
  it('loses no change to self-healing, runs nothing again by itself, and judges no CronJob that it does not change', async () => {
    const text = await readFile(join(PROJECT, 'docs/examples/installation/application.yaml'), 'utf8');

    const { automated, retry, syncOptions } = (load(text) as KubeObject).spec.syncPolicy;

    assert.deepEqual([automated.selfHeal, retry.limit], [false, 0]);
    assert.ok(syncOptions.includes('ApplyOutOfSyncOnly=true'), String(syncOptions));
  });
});
