import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { assessJobPods, trialWindow } from '../../../runner/lifecycle/assess-job-pods.ts';
import { renderPatches } from '../../../runner/lifecycle/render-patches.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import { buildTrialJob, trialJobNames } from '../../../runner/lifecycle/trial-job.ts';
import type { PatchTemplate, SetupTask } from '../../../runner/model/experiment.ts';
import { fromYaml } from '../../support/from-yaml.ts';
import { aSetupTask, aTrial, aTrialTemplate } from '../../support/trials.ts';

/** The create Job of one setup task, and its container. */
function setupOf(fields: Partial<SetupTask>): { job: any; container: any } {
  const { create } = buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask(fields)] }), [], 'fieldtrial:test')!;
  const job = create as any;
  return { job, container: job.spec.template.spec.containers[0] };
}

function containersOf(containers: object[]): string[] {
  const jobTemplate = { spec: { template: { spec: { containers } } } };
  return buildTrialJob(aTrial(), aTrialTemplate({ jobTemplate }), 'fieldtrial:test').containers;
}

/** The ancestor's own cases (R§24.10). */
describe("the ancestor's Jobs", () => {
  it('setup job: no tasks is fine', () => {
    assert.equal(buildSetup(aTrial(), aTrialTemplate(), [], 'fieldtrial:test'), undefined);
  });

  it('setup job: the length of args is preserved', () => {
    assert.deepEqual(setupOf({ args: ['a', 'b', 'c'] }).container.args, ['a', 'b', 'c']);
  });

  it('setup job: the command is kept when an image is set', () => {
    assert.deepEqual(setupOf({ image: 'seed:1', command: ['seed'] }).container.command, ['seed']);
  });

  it('setup job: env is its own, the four that say what is set up, and the assignments', () => {
    const { container } = setupOf({ env: [{ name: 'OWN', value: 'x' }] });

    assert.deepEqual(container.env.map(({ name }: any) => name).toSorted(), ['CPU', 'MODE', 'NAME', 'NAMESPACE', 'OWN', 'TRIAL']);
  });

  it('setup job: Job and pod carry the labels of the trial', () => {
    const { job } = setupOf({});

    for (const { labels } of [job.metadata, job.spec.template.metadata])
      assert.deepEqual(
        ['experiment', 'trial', 'trial-role'].map((label) => labels[`fieldtrial.dev/${label}`]),
        ['sizing', 'sizing-001', 'trialSetup'],
      );
  });

  it('run job: without containers it gets one, which sleeps', () => {
    assert.deepEqual(containersOf([]), ['sleep']);
  });

  it('run job: two containers stay two', () => {
    assert.deepEqual(containersOf([{ name: 'a' }, { name: 'b' }]), ['a', 'b']);
  });
});

/** Two of what was found wrong in the ancestor (R§25.1) and what we do instead; docs/migration.md names the tests of all. */
describe("the ancestor's defects", () => {
  const jobPatch = (name: string): PatchTemplate => ({
    type: 'strategic',
    targetRef: { apiVersion: 'batch/v1', kind: 'Job', name },
    patch: 'spec: {parallelism: 2}',
  });
  const sortedBy = (template = aTrialTemplate()) => {
    const place = { slot: 'shop-1', jobNames: trialJobNames(aTrial(), template), restore: 'never' } as const;
    const scope = { trial: { name: 'sizing-001', namespace: 'shop-1', number: 1, experiment: 'sizing' }, values: {} };
    const { patches, jobPatches } = renderPatches([jobPatch('load'), jobPatch('sizing')], scope, () => ({ file: 'e.yaml' }), place);
    return { sent: patches.map(({ target }) => target.name), merged: jobPatches.map(({ index }) => index) };
  };

  it('1: a patch means the trial Job by the name that the template gives it, not by every other', () => {
    const named = aTrialTemplate({ jobTemplate: { metadata: { name: 'load' } } });

    assert.deepEqual(sortedBy(named), { sent: ['sizing'], merged: [0] });
    assert.deepEqual(sortedBy(), { sent: ['load'], merged: [1] });
  });

  it('7: the window ends with the last exit, and one container that has exited ends nothing', () => {
    const exited = (name: string, finishedAt: string) =>
      `{name: ${name}, state: {terminated: {exitCode: 0, startedAt: "2026-03-01T10:00:00Z", finishedAt: "${finishedAt}"}}}`;
    const aPod = (phase: string, second: string): KubeObject =>
      fromYaml(`
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {restartPolicy: Never, containers: [{name: a}, {name: b}]}
status: {phase: ${phase}, containerStatuses: [${exited('a', '2026-03-01T10:00:05Z')}, ${second}]}
`);
    const options = { seenFor: () => 0, unschedulableGrace: 0 };

    const half = assessJobPods([aPod('Running', '{name: b, state: {running: {}}}')], ['a', 'b'], options);
    const whole = trialWindow([aPod('Succeeded', exited('b', '2026-03-01T10:01:00Z'))], ['a', 'b'], 0);

    assert.equal(half.status, 'Waiting');
    assert.equal(whole?.completionTime, '2026-03-01T10:01:00.000Z');
  });
});
