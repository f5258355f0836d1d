import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { GIT_ENVIRONMENT } from '../../support/git-repository.ts';
import { runFieldtrial, type FieldtrialEnd } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

describe('fieldtrial plan --base', () => {
  let folder: WorkingFolder;

  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-C', folder.path, ...args], { env: { ...GIT_ENVIRONMENT, HOME: folder.path } })).stdout.trim();
  const plan = (...args: string[]) => runFieldtrial(['plan', '--base', 'main', ...args], { cwd: folder.path });

  async function propose(): Promise<void> {
    folder = await createWorkingFolder({
      ...aRepository(),
      [experimentFile('limits')]: experimentText('limits'),
      [experimentFile('old')]: experimentText('old'),
    });
    await git('checkout', '--quiet', '-b', 'proposal');
    await folder.write({
      [experimentFile('limits')]: experimentText('limits', (text) => text.replace('budget: 5', 'budget: 3')),
      [experimentFile('sizing')]: experimentText('sizing', (text) =>
        text.replace('{replicas: {{values.cpu}} }', '{replicas: {{values.cpu}}, paused: false }'),
      ),
      [experimentFile('memory')]: experimentText('memory', (text) => text.replace('name: app}', 'name: cache}')),
    });
    await git('rm', '--quiet', experimentFile('old'));
    await folder.commit();
  }

  describe('of a proposal', () => {
    let proposed: FieldtrialEnd;

    before(async () => {
      await propose();
      proposed = await plan();
    });
    after(() => folder.cleanup());

    it('is a table of what is new, changed, unchanged and removed, with trials and hours', async () => {
      const { exitCode, stdout, stderr } = proposed;

      assert.equal(exitCode, 0, stderr);
      assert.match(
        stdout,
        /^\| `limits` \| changed: its records go on counting \| 3 \| at most [\d.]+ h \(its timeouts: .* a trial\) \|$/m,
      );
      assert.match(stdout, /^\| `memory` \| \*\*new\*\* \| 4 \| /m);
      assert.match(stdout, /^\| `sizing` \| \*\*changed\*\*: a new generation \| 4 \| /m);
      assert.match(stdout, /^\| `old` \| removed: it begins nothing more \| {2}\| {2}\|$/m);
    });

    it('shows what changes in the first trial, and a new one whole', async () => {
      const { stdout } = proposed;

      const sizing = stdout.slice(stdout.indexOf('### `sizing`'));
      const memory = stdout.slice(stdout.indexOf('### `memory`'), stdout.indexOf('### `sizing`'));
      assert.match(sizing, /^```diff\n@@ .*\n(?: .*\n)*\+ {2}paused: false\n/m);
      assert.match(memory, /^```yaml\n# patch Deployment cache \(strategic\)\nspec:\n {2}replicas: 2\n/m);
      assert.match(memory, /^\| Patch targets \| `Deployment cache` \|$/m);
    });

    it('is the same bytes each time', async () => {
      const { stdout } = await plan();

      assert.equal(stdout, proposed.stdout);
    });

    it('is JSON for machines', async () => {
      const { stdout } = await plan('-o', 'json');

      const { base, experiments, removed } = JSON.parse(stdout);
      assert.equal(base, await git('rev-parse', 'main'));
      assert.deepEqual(
        experiments.map(({ experiment, change }: any) => [experiment, change]),
        [
          ['limits', 'Edited'],
          ['memory', 'New'],
          ['sizing', 'NewGeneration'],
        ],
      );
      assert.deepEqual(removed, ['old']);
    });
  });

  describe('of other changes', () => {
    beforeEach(propose);
    afterEach(() => folder.cleanup());

    it('marks what an experiment did not touch before', async () => {
      await folder.write({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('name: app}', 'name: cache}')) });
      await folder.commit();

      const { stdout } = await plan('sizing');

      assert.match(stdout, /^\| Patch targets \| \*\*new\*\* `Deployment cache` \|$/m);
      assert.match(stdout, /^\| Service accounts \| `default` \|$/m);
    });

    it("marks what only other values than the first trial's bring", async () => {
      const loading = (values: string) =>
        experimentText('loading', (text) =>
          text
            .replace('  metrics:', `    - {name: image, values: [${values}], baseline: busybox}\n  metrics:`)
            .replace(
              'approximateRuntime: 1s',
              "jobTemplate: {spec: {template: {spec: {serviceAccountName: 'sa-{{values.image}}', containers: [{name: load, image: '{{values.image}}'}]}}}}",
            ),
        );
      await git('checkout', '--quiet', 'main');
      await folder.write({ [experimentFile('loading')]: loading('busybox') });
      await folder.commit();
      await git('checkout', '--quiet', '-b', 'another-image');
      await folder.write({ [experimentFile('loading')]: loading('busybox, evil.example/miner') });
      await folder.commit();

      const { stdout, stderr } = await plan('loading');

      assert.equal(stderr, '');

      assert.match(stdout, /^\| Images \| `busybox`, \*\*new\*\* `evil\.example\/miner` \|$/m);
      assert.match(stdout, /^\| Service accounts \| `sa-busybox`, \*\*new\*\* `sa-evil\.example\/miner` \|$/m);

      const { stdout: planned } = await runFieldtrial(['plan', 'loading'], { cwd: folder.path });

      assert.match(planned, /^# {3}images: busybox, evil\.example\/miner$/m);
    });

    it('shows the manifests of the setup, and what they touch', async () => {
      await folder.write({
        [experimentFile('memory')]: experimentText('memory', (text) =>
          text.replace('approximateRuntime: 1s', 'setupTasks: [{name: db, manifests: [deploy/db.yaml]}]'),
        ),
        'deploy/db.yaml':
          'apiVersion: v1\nkind: Pod\nmetadata: {name: db}\nspec: {containers: [{name: db, image: "db:1", envFrom: [{secretRef: {name: password}}]}]}\n',
      });
      await folder.commit();

      const { stdout } = await plan('memory');

      assert.match(stdout, /^\| Setup makes \| `Pod db` \|$/m);
      assert.match(stdout, /^\| Secrets \| `password` \|$/m);
      assert.match(stdout, /^# setup task db\napiVersion: v1\nkind: Pod\n(.*\n)* {6}image: db:1\n/m);

      const { stdout: planned } = await runFieldtrial(['plan', 'memory'], { cwd: folder.path });

      assert.match(planned, /^# {3}setup makes: Pod db$/m);
      assert.match(planned, /^# setup task db\napiVersion: v1\nkind: Pod\n/m);
    });

    it('marks the namespaces that an experiment comes to run in', async () => {
      const selecting = (team: string) =>
        experimentText('limits', (text) => text.replace('spec:', `spec:\n  namespaceSelector: {matchLabels: {team: ${team}}}`));
      await git('checkout', '--quiet', 'main');
      await folder.write({ [experimentFile('limits')]: selecting('checkout') });
      await folder.commit();
      await git('checkout', '--quiet', '-b', 'elsewhere');
      await folder.write({ [experimentFile('limits')]: selecting('payments-production') });
      await folder.commit();

      const { stdout } = await plan('limits');

      assert.match(stdout, /^\| Namespaces it runs in \| \*\*new\*\* `every one that has team=payments-production` \|$/m);
    });

    it('shows what changes in the settings, and what they change for experiments that stay as they are', async () => {
      await git('checkout', '--quiet', 'main');
      await git('checkout', '--quiet', '-b', 'settings');
      await folder.write({ 'fieldtrial.yaml': 'resultsBranch: other\nslots: [payments]\n' });
      await folder.commit();

      const { stdout } = await plan();

      assert.match(stdout, /^\| `resultsBranch` \| `fieldtrial\/results` \| `other` \|$/m);
      assert.match(stdout, /^\| `slots` \| none \| `payments` \|$/m);
      assert.match(stdout, /^Only records on `other` count from now on/m);
      assert.match(stdout.slice(stdout.indexOf('### `sizing`')), /^\| Namespaces it runs in \| \*\*new\*\* `payments` \|$/m);

      const { stdout: planned } = await runFieldtrial(['plan', 'sizing'], { cwd: folder.path });

      assert.match(planned, /^# {3}namespaces it runs in: payments$/m);
    });

    it('works on a detached HEAD and does not blame it for what went on in the base since', async () => {
      await git('checkout', '--quiet', 'main');
      await folder.write({ [experimentFile('later')]: experimentText('later') });
      await folder.commit();
      await git('checkout', '--quiet', '--detach', 'proposal');

      const { exitCode, stdout, stderr } = await plan();

      assert.equal(exitCode, 0, stderr);
      assert.doesNotMatch(stdout, /later/);
    });

    it('names suggestions that were added, also where the definition is the same', async () => {
      await git('checkout', '--quiet', 'main');
      await git('checkout', '--quiet', '-b', 'suggestion');
      await folder.write({
        'experiments/sizing/suggestions/three.yaml':
          'apiVersion: fieldtrial.dev/v1alpha1\nkind: Suggestion\nspec: {assignments: [{name: cpu, value: 3}]}\n',
      });
      await folder.commit();

      const { stdout } = await plan();

      assert.match(stdout, /^\| `sizing` \| unchanged \| /m);
      assert.match(stdout, /^Suggested by hand: `experiments\/sizing\/suggestions\/three\.yaml`\.$/m);
    });

    it('lists what is wrong with an invalid one, with exit code 3', async () => {
      await folder.write({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('values.cpu}}', 'values.cpus}}')) });
      await folder.commit();

      const { exitCode, stdout } = await plan();

      assert.equal(exitCode, 3);
      assert.match(stdout, /^\| `sizing` \| \*\*invalid\*\*: it does not run \| {2}\| {2}\|$/m);
      assert.match(
        stdout,
        /^### `sizing` is invalid\n\n- `experiments\/sizing\/experiment\.yaml:9: spec\.metrics\[0\]\.query: .*values\.cpus.*`$/m,
      );
    });

    it('says what to fetch where the base is not there', async () => {
      const { exitCode, stderr } = await runFieldtrial(['plan', '--base', 'origin/main'], { cwd: folder.path });

      assert.equal(exitCode, 4);
      assert.match(stderr, /has no revision "origin\/main"; fetch it first \(git fetch origin main\), or name another one\n$/);
    });

    it('is asked for with what it is compared with', async () => {
      const { exitCode, stderr } = await runFieldtrial(['plan', '-o', 'markdown'], { cwd: folder.path });

      assert.equal(exitCode, 2);
      assert.match(stderr, /name what it is compared with, such as --base origin\/main/);
    });
  });
});
