import assert from 'node:assert/strict';
import { buildSetup, SETUP_FOLDER } from '../../../runner/lifecycle/setup-jobs.ts';
import { mountFiles } from '../../../runner/lifecycle/mount-files.ts';
import type { SetupTask, TrialTemplate } from '../../../runner/model/experiment.ts';
import { aSetupTask, aTrial, aTrialTemplate } from '../../support/trials.ts';

const IMAGE = 'fieldtrial:test';

function setupOf(setupTasks: SetupTask[], fields: Partial<TrialTemplate> = {}, files: Parameters<typeof buildSetup>[2] = []): any {
  return buildSetup(aTrial(), aTrialTemplate({ setupTasks, ...fields }), files, IMAGE);
}

const chartTask = () => aSetupTask({ name: 'db', image: undefined, chart: { from: 'folder', chart: 'charts/postgres' } });

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
    const task = aSetupTask({ volumeMounts: [{ name: 'data', mountPath: '/data' }] });

    const { create } = setupOf([task], { setupVolumes: [{ name: 'data', emptyDir: {} }] });

    assert.deepEqual(create.spec.template.spec.volumes, [{ name: 'data', emptyDir: {} }]);
  });

  it('carry the labels of all tasks, but the trial keeps its own', () => {
    const labels = { team: 'db', 'fieldtrial.dev/trial': 'mine' };

    const { delete: remove } = setupOf([
      aSetupTask({ name: 'a', labels, skipDelete: true }),
      aSetupTask({ name: 'b', labels: { tier: 'x' } }),
    ]);

    for (const { metadata } of [remove, remove.spec.template]) {
      assert.equal(metadata.labels.team, 'db');
      assert.equal(metadata.labels.tier, 'x');
      assert.equal(metadata.labels['fieldtrial.dev/trial'], 'sizing-001');
    }
  });

  it('leave out the volumes that only a skipped task mounts', () => {
    const tasks = ['a', 'b'].map((name) => aSetupTask({ name, volumeMounts: [{ name, mountPath: '/data' }], skipDelete: name === 'b' }));

    const { create, delete: remove } = setupOf(tasks, { setupVolumes: ['a', 'b', 'c'].map((name) => ({ name, emptyDir: {} })) });

    const names = (job: any) => job.spec.template.spec.volumes.map(({ name }: any) => name);
    assert.deepEqual(names(create), ['a', 'b']);
    assert.deepEqual(names(remove), ['a']);
  });

  it('mount the ConfigMaps of values files where charts are installed, each for its own task', () => {
    const helmValuesFrom = ['tuning', 'very.long.name', 'tuning'];
    const tasks = [{ ...chartTask(), helmValuesFrom }, aSetupTask({ name: 'web', image: undefined, chart: chartTask().chart! })];

    const { create, delete: remove } = setupOf(tasks, {}, [{ key: 'db.json', text: '{}' }]);

    const { containers, volumes } = create.spec.template.spec;
    const [order, ...values] = volumes;
    assert.deepEqual(order, { name: 'fieldtrial-setup', configMap: { name: 'sizing-001-setup' } });
    assert.deepEqual(
      values.map(({ configMap }: any) => configMap.name),
      ['tuning', 'very.long.name'],
    );
    for (const { name } of values) assert.match(name, /^[a-z0-9-]{1,63}$/);
    assert.deepEqual(
      containers.map(({ volumeMounts }: any) => volumeMounts.map(({ mountPath }: any) => mountPath)),
      [[SETUP_FOLDER, '/fieldtrial/values/tuning', '/fieldtrial/values/very.long.name'], [SETUP_FOLDER]],
    );
    assert.deepEqual(remove.spec.template.spec.volumes, [order]);
  });

  it("mount the repository's files into tasks with an image of their own", () => {
    const mounted = mountFiles(aTrial(), [{ path: 'seed.sql', mountPath: '/seed', below: 'seed.sql', content: Buffer.from('') }]);

    const setup = buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask(), chartTask()] }), [], IMAGE, mounted) as any;

    const { containers, volumes } = setup.create.spec.template.spec;
    assert.deepEqual(
      containers.map(({ volumeMounts }: any) => volumeMounts.map(({ mountPath }: any) => mountPath)),
      [['/seed'], [SETUP_FOLDER]],
    );
    assert.deepEqual(volumes.at(-1), mounted.volumes[0]);
  });

  it('say whom they ask for charts', () => {
    const charts = [
      { from: 'folder', chart: 'charts/db' },
      { from: 'runner', chart: 'fieldtrial/prometheus' },
      { from: 'registry', chart: 'oci://registry.example.com:5000/charts/db' },
      { from: 'repository', chart: 'db', repository: 'https://charts.example.com/stable' },
    ] as const;
    const tasks = charts.map((chart, index) => aSetupTask({ name: `t${index}`, image: undefined, chart }));

    assert.deepEqual(setupOf(tasks).hosts, ['registry.example.com:5000', 'charts.example.com']);
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

  describe("as the ancestor's tests have them (R§24.10)", () => {
    it('pass on every argument, and the command where there is an image', () => {
      const { create } = setupOf([aSetupTask({ command: ['a', 'b'], args: ['1', '2', '3'] })]);

      const [{ command, args }] = create.spec.template.spec.containers;
      assert.equal(args.length, 3);
      assert.deepEqual(command, ['a', 'b']);
    });

    it("have the task's variables and the four of the setup", () => {
      const trial = aTrial({ assignments: [] });

      const setup = buildSetup(
        trial,
        aTrialTemplate({ setupTasks: [aSetupTask({ env: [{ name: 'A' }, { name: 'B' }] })] }),
        [],
        IMAGE,
      ) as any;

      assert.equal(setup.create.spec.template.spec.containers[0].env.length, 2 + 4);
    });

    it('are told apart by the MODE that every container is told', () => {
      const { create, delete: remove } = setupOf([aSetupTask(), chartTask()]);

      const modes = (job: any) =>
        job.spec.template.spec.containers.map(({ env }: any) => env.find(({ name }: any) => name === 'MODE').value);
      assert.deepEqual(modes(create), ['create', 'create']);
      assert.deepEqual(modes(remove), ['delete', 'delete']);
    });
  });

  describe("without the ancestor's faults (R§25.1)", () => {
    it('have no container of their own where all tasks are skipped, which would wait for its mode forever (2)', () => {
      assert.equal(setupOf([aSetupTask({ skipCreate: true, skipDelete: true })]), undefined);
      assert.equal(setupOf([aSetupTask({ skipCreate: true })]).create, undefined);
    });

    it('have containers called like their tasks, which fit wherever the tasks do (15)', () => {
      const name = 'x'.repeat(63);

      assert.equal(setupOf([aSetupTask({ name })]).create.spec.template.spec.containers[0].name, name);
    });

    it('have variables that a shell can read (15)', () => {
      const trial = aTrial({ assignments: [{ name: 'max-heap.size/mb', value: 1 }] });

      const setup = buildSetup(trial, aTrialTemplate({ setupTasks: [aSetupTask()] }), [], IMAGE) as any;

      assert.equal(setup.create.spec.template.spec.containers[0].env.at(-1).name, 'MAX_HEAP_SIZE_MB');
    });

    it('give each task its own volumes (#471)', () => {
      const tasks = ['a', 'b'].map((name) => aSetupTask({ name, volumeMounts: [{ name, mountPath: `/${name}` }] }));

      const { create } = setupOf(tasks, { setupVolumes: ['a', 'b'].map((name) => ({ name, configMap: { name } })) });

      assert.deepEqual(
        create.spec.template.spec.volumes.map(({ name, configMap }: any) => [name, configMap.name]),
        [
          ['a', 'a'],
          ['b', 'b'],
        ],
      );
    });
  });

  it('need no ConfigMap when every task has an image of its own', () => {
    assert.deepEqual(setupOf([aSetupTask()]).configMaps, []);
  });
});
