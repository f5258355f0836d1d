import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { createRemote } from '../../support/git-repository.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

const VENDOR_METRIC = '    - {name: cpu, type: datadog, query: "avg:system.cpu.user{*}"}';

describe('fieldtrial plan', () => {
  let folder: WorkingFolder;

  before(async () => {
    folder = await createWorkingFolder({
      ...aRepository((text) => text.replace('spec:', 'spec:\n  replicas: 2\n  namespaceTemplate: {}')),
      [experimentFile('paused')]: experimentText('paused', (text) => text.replace('spec:', 'spec:\n  replicas: 0')),
      [experimentFile('vendor')]: experimentText('vendor', (text) => text.replace('  metrics:', `  metrics:\n${VENDOR_METRIC}`)),
      [experimentFile('typo')]: experimentText('typo', (text) => text.replace('{{values.cpu}} }', '{{values.cpus}} }')),
    });
  });
  after(() => folder.cleanup());

  const plan = (...args: string[]) => runFieldtrial(['plan', ...args], { cwd: folder.path });
  const planWith = (env: Record<string, string>, ...args: string[]) => runFieldtrial(['plan', ...args], { cwd: folder.path, env });

  it('is that of the commit which a CI system has checked out without a branch', async () => {
    const remote = await createRemote(aRepository());
    const commit = await remote.commit(aRepository((text) => text.replace('baseline: 2', 'baseline: 3')));
    await remote.git('update-ref', '--no-deref', 'HEAD', `${commit}~1`);

    const { exitCode, stdout, stderr } = await plan('sizing', '--repository', remote.path);
    await remote.cleanup();

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /next is sizing-001 \(baseline\) with cpu=2$/m);
  });

  it('is YAML that says in comments what comes next and what it touches', async () => {
    const { exitCode, stdout } = await plan('sizing');

    assert.equal(exitCode, 0);
    assert.match(stdout, /^# sizing \(experiments\/sizing\/experiment\.yaml\): next is sizing-001 \(baseline\) with cpu=2$/m);
    assert.match(stdout, /^# +patch targets: Deployment app$/m);
    assert.match(stdout, /^# +service accounts: default$/m);
    assert.match(stdout, /^# +namespaces that it makes if they are missing: sizing-1, sizing-2$/m);
    const documents = loadAll(stdout) as any[];
    assert.deepEqual(
      documents.map((document) => document.kind ?? document.spec),
      [{ replicas: 2 }, 'Job'],
    );
  });

  it('is JSON for machines', async () => {
    const { stdout } = await plan('sizing', '-o', 'json');

    const [planned] = JSON.parse(stdout);
    assert.deepEqual(planned.next, { trial: 'sizing-001', source: 'baseline', assignments: { cpu: 2 } });
    assert.deepEqual(planned.touches.patchTargets, ['Deployment app']);
    assert.equal(planned.job.metadata.name, 'sizing-001');
    assert.match(planned.commit, /^[0-9a-f]{40}$/);
  });

  it('says why nothing is next', async () => {
    const { exitCode, stdout } = await plan('paused');

    assert.equal(exitCode, 0);
    assert.match(stdout, /^# paused \(.*\): nothing to run: Paused, spec\.replicas is 0; below, what a trial looks like$/m);
  });

  it('shows the valid ones and tells what is wrong with the others, with exit code 3', async () => {
    const { exitCode, stdout, stderr } = await planWith({ DD_API_KEY: 'a', DD_APP_KEY: 'b' });

    assert.equal(exitCode, 3);
    assert.match(stdout, /next is sizing-001/);
    assert.match(stderr, /^experiments\/typo\/experiment\.yaml:12: spec\.patches\[0\]\.patch: .*values\.cpus.*\n$/);
  });

  it('names the variables that its metrics lack, with exit code 4', async () => {
    const { exitCode, stdout, stderr } = await plan('vendor');

    assert.equal(exitCode, 4);
    assert.match(stdout, /^# +hosts: api\.datadoghq\.com$/m);
    assert.match(
      stderr,
      /^experiments\/vendor\/experiment\.yaml:9: spec\.metrics\[0\]\.type: DD_API_KEY is not set in the runner's environment /,
    );
  });

  it('is satisfied with keys from the environment, for the site that this names', async () => {
    const keys = { FIELDTRIAL_DATADOG_API_KEY: 'the-api-key', DD_APP_KEY: 'the-app-key', DD_SITE: 'datadoghq.eu' };

    const { exitCode, stdout, stderr } = await planWith(keys, 'vendor');

    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^# +hosts: api\.datadoghq\.eu$/m);
    assert.doesNotMatch(stdout + stderr, /the-a(pi|pp)-key/);
  });

  it('tells hosts that the installation does not let metrics ask', async () => {
    await folder.write({ 'access.yaml': 'hosts: [prometheus.monitoring]\n' });

    const { exitCode, stderr } = await planWith({ DD_API_KEY: 'a', DD_APP_KEY: 'b', FIELDTRIAL_METRIC_ACCESS: 'access.yaml' }, 'vendor');

    assert.equal(exitCode, 4);
    assert.match(stderr, /: this installation does not let metrics ask api\.datadoghq\.com; it allows prometheus\.monitoring\n$/);
  });

  it('tells every problem of the metric access file, with exit code 2', async () => {
    await folder.write({ 'broken.yaml': 'hosts: ["*"]\nhost: a\n' });

    const { exitCode, stderr } = await plan('sizing', '--metric-access', 'broken.yaml');

    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /^error: .*broken\.yaml:1: hosts\[0\]: "\*" is not a host .*\n.*broken\.yaml:2: host: unknown field; did you mean "hosts"\?\n$/,
    );
  });

  it('tells what is wrong with the one it was asked for', async () => {
    const { exitCode, stdout, stderr } = await plan('typo');

    assert.equal(exitCode, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /^experiments\/typo\/experiment\.yaml:12: /);
  });

  it('says which experiment was meant', async () => {
    const { exitCode, stderr } = await plan('sizng');

    assert.equal(exitCode, 2);
    assert.equal(stderr, 'error: there is no experiment "sizng"; did you mean "sizing"?\n');
  });

  it('renders charts and manifests of setup tasks', async () => {
    const examples = await createWorkingFolder();
    await cp(join(PROJECT, 'docs', 'examples'), examples.path, { recursive: true });
    await examples.commit();

    const { exitCode, stdout } = await runFieldtrial(['plan', 'checkout-sizing', '-o', 'json'], { cwd: examples.path });
    await examples.cleanup();

    const [planned] = JSON.parse(stdout);
    assert.equal(exitCode, 0);
    assert.equal(planned.setup.create.metadata.name, 'checkout-sizing-001-create');
    assert.deepEqual(planned.touches.hosts, ['prometheus.monitoring:9090']);
  });

  it('tells whom charts are asked from, besides whom metrics ask', async () => {
    const examples = await createWorkingFolder();
    await cp(join(PROJECT, 'docs', 'examples'), examples.path, { recursive: true });
    await examples.commit();

    const { stdout } = await runFieldtrial(['plan', 'checkout-setup', '-o', 'json'], { cwd: examples.path });
    await examples.cleanup();

    const [{ touches, job }] = JSON.parse(stdout);
    assert.deepEqual(touches.hosts, ['charts.example.com', 'fieldtrial-prometheus.{{trial.namespace}}.svc:9090', 'registry.example.com']);
    assert.equal(job.spec.template.spec.volumes[0].configMap.name, 'checkout-setup-001-files');
  });
});
