import assert from 'node:assert/strict';
import { buildSetup, SETUP_FOLDER } from '../../../runner/lifecycle/setup-jobs.ts';
import type { SetupTask, TrialTemplate } from '../../../runner/model/experiment.ts';
import { aSetupTask, aTrial, aTrialTemplate } from '../../support/trials.ts';

const IMAGE = 'fieldtrial:test';

function setupOf(setupTasks: SetupTask[], fields: Partial<TrialTemplate> = {}, files: Parameters<typeof buildSetup>[2] = []): any {
  return buildSetup(aTrial(), aTrialTemplate({ setupTasks, ...fields }), files, IMAGE);
}

const chartTask = () => aSetupTask({ name: 'db', image: undefined, helmChart: 'charts/postgres' });

describe('the setup Jobs', () => {
  it('are none without tasks', () => {
    assert.equal(setupOf([]), undefined);
  });

  it('are none when every task is skipped in both directions', () => {
    assert.equal(setupOf([aSetupTask({ skipCreate: true, skipDelete: true })]), undefined);
  });

  it('leave out the Job that every task skips', () => {
    const { create, delete: remove } = setupOf([aSetupTask({ skipCreate: true })]);

    assert.equal(create, undefined);
    assert.equal(remove.metadata.name, 'sizing-001-delete');
  });

  it('have one container for each task that is not skipped', () => {
    const { create, delete: remove } = setupOf([
      aSetupTask({ name: 'a' }),
      aSetupTask({ name: 'b', skipCreate: true }),
      aSetupTask({ name: 'c', skipDelete: true }),
    ]);

    const names = (job: any) => job.spec.template.spec.containers.map(({ name }: any) => name);
    assert.deepEqual(names(create), ['a', 'c']);
    assert.deepEqual(names(remove), ['a', 'b']);
  });

  it('are named after the trial and carry its labels, and their pods too', () => {
    const { create } = setupOf([aSetupTask()], { labels: { team: 'shop' } });

    const labels = {
      'fieldtrial.dev/experiment': 'sizing',
      'fieldtrial.dev/trial': 'sizing-001',
      'fieldtrial.dev/trial-role': 'trialSetup',
      'fieldtrial.dev/trial-uid': 'trial-uid',
    };
    assert.equal(create.metadata.name, 'sizing-001-create');
    assert.equal(create.metadata.namespace, 'shop-1');
    assert.deepEqual(create.metadata.labels, { team: 'shop', ...labels });
    assert.deepEqual(create.spec.template.metadata.labels, labels);
  });

  it("have the trial template's annotations", () => {
    const { create, delete: remove } = setupOf([aSetupTask()], { annotations: { team: 'shop' } });

    assert.deepEqual(create.metadata.annotations, { team: 'shop' });
    assert.deepEqual(remove.metadata.annotations, { team: 'shop' });
  });

  it('are tried once, non-root and without privileges', () => {
    const { create } = setupOf([aSetupTask()]);

    const { spec } = create.spec.template;
    assert.equal(create.spec.backoffLimit, 0);
    assert.equal(spec.restartPolicy, 'Never');
    assert.deepEqual(spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    assert.equal(spec.containers[0].securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(spec.containers[0].securityContext.capabilities, { drop: ['ALL'] });
  });

  it('run as the service account of the template', () => {
    const { create } = setupOf([aSetupTask()], { setupServiceAccountName: 'installer' });

    assert.equal(create.spec.template.spec.serviceAccountName, 'installer');
  });

  it('end a minute after the deadline of their own stage', () => {
    const timeouts = { ...aTrialTemplate().timeouts, setup: 90_500, setupDelete: 10_000 };

    const { create, delete: remove } = setupOf([aSetupTask()], { timeouts });

    assert.equal(create.spec.activeDeadlineSeconds, 151);
    assert.equal(remove.spec.activeDeadlineSeconds, 70);
  });

  it('say the mode as the only argument of a task that names none', () => {
    const { create, delete: remove } = setupOf([aSetupTask()]);

    assert.deepEqual(create.spec.template.spec.containers[0].args, ['create']);
    assert.deepEqual(remove.spec.template.spec.containers[0].args, ['delete']);
  });

  it("keep a task's own image, command, arguments and mounts", () => {
    const task = aSetupTask({
      image: 'seed:2',
      command: ['seed'],
      args: ['--all', '--fast'],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    });

    const { create } = setupOf([task]);

    const [container] = create.spec.template.spec.containers;
    assert.equal(container.image, 'seed:2');
    assert.deepEqual(container.command, ['seed']);
    assert.deepEqual(container.args, ['--all', '--fast']);
    assert.deepEqual(container.volumeMounts, [{ name: 'data', mountPath: '/data' }]);
  });

  it("give a task its own variables, then the trial's, then the assignments", () => {
    const { delete: remove } = setupOf([aSetupTask({ env: [{ name: 'SIZE', value: 'small' }] })]);

    assert.deepEqual(remove.spec.template.spec.containers[0].env, [
      { name: 'SIZE', value: 'small' },
      { name: 'NAMESPACE', value: 'shop-1' },
      { name: 'NAME', value: 'seed' },
      { name: 'TRIAL', value: 'sizing-001' },
      { name: 'MODE', value: 'delete' },
      { name: 'CPU', value: '2' },
    ]);
  });

  it("run the runner's own setup for a task without an image, with its order mounted", () => {
    const { create } = setupOf([chartTask()], {}, [{ key: 'db.json', text: '{}' }]);

    const { containers, volumes } = create.spec.template.spec;
    assert.equal(containers[0].image, IMAGE);
    assert.deepEqual(containers[0].command, ['fieldtrial', 'setup']);
    assert.deepEqual(containers[0].volumeMounts, [{ name: 'fieldtrial-setup', mountPath: SETUP_FOLDER, readOnly: true }]);
    assert.deepEqual(volumes, [{ name: 'fieldtrial-setup', configMap: { name: 'sizing-001-setup' } }]);
  });

  it("can mount the template's setup volumes", () => {
    const { create } = setupOf([aSetupTask()], { setupVolumes: [{ name: 'data', emptyDir: {} }] });

    assert.deepEqual(create.spec.template.spec.volumes, [{ name: 'data', emptyDir: {} }]);
  });

  it('find text and packed charts in one ConfigMap of the trial', () => {
    const { configMaps } = setupOf([chartTask()], {}, [
      { key: 'db.json', text: '{"type":"helm"}' },
      { key: 'db.tgz', binary: Buffer.from('chart') },
    ]);

    assert.equal(configMaps.length, 1);
    assert.equal(configMaps[0].metadata.name, 'sizing-001-setup');
    assert.equal(configMaps[0].metadata.labels['fieldtrial.dev/trial-uid'], 'trial-uid');
    assert.deepEqual(configMaps[0].data, { 'db.json': '{"type":"helm"}' });
    assert.deepEqual(configMaps[0].binaryData, { 'db.tgz': 'Y2hhcnQ=' });
  });

  it('need no ConfigMap when every task has an image of its own', () => {
    assert.deepEqual(setupOf([aSetupTask()]).configMaps, []);
  });
});
