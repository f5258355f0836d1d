import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { experimentFile } from '../../support/definitions.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { kubeconfigOf } from '../../support/permissive-api-server.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';

const EXPERIMENT = `apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: sizing}
spec:
  suggest: {source: grid, budget: 1}
  parameters:
    - {name: cpu, min: 1, max: 4, baseline: 2}
  metrics:
    - {name: cost, minimize: true, query: "{{values.cpu}}"}
  trialTemplate:
    spec:
      jobTemplate: {spec: {template: {spec: {containers: [{name: load, image: "load:1"}]}}}}
`;

describe('a run whose pushes are refused', function () {
  this.timeout('60s');

  let cluster: Sandbox;
  let remote: Remote;

  beforeEach(async () => {
    cluster = await startCluster({ kubelet: { jobDuration: 20 } });
    remote = await createRemote({ [experimentFile('sizing')]: EXPERIMENT });
  });
  afterEach(async () => {
    await cluster.close();
    await remote.cleanup();
  });

  /** The server refuses the pushes with these numbers; the first one is the run's start. */
  async function runWithout(refused: string) {
    const count = join(remote.scratch, 'pushes');
    await remote.hook('pre-receive', `echo >> ${count}; case $(wc -l < ${count}) in ${refused}) echo "not now"; exit 1;; esac`);
    const kubeconfig = join(remote.scratch, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(cluster.url));
    return runFieldtrial(['run', remote.path], { env: { FIELDTRIAL_KUBECONFIG: kubeconfig, FIELDTRIAL_NAMESPACE: 'default' } });
  }

  it('ends with 0 when the last one took everything along, after the slot was given back', async () => {
    const { exitCode, stderr } = await runWithout('2|3');

    assert.equal(exitCode, 0, stderr);
    assert.match((await remote.log('fieldtrial/results'))[0] ?? '', /^sizing-001: /);
  });

  it('ends with 7 when none did', async () => {
    const { exitCode, stderr } = await runWithout('[2-9]');

    assert.equal(exitCode, 7, stderr);
    assert.match(stderr, /^records are not pushed and stay in the slots' journals for the next run: .*not now/m);
  });
});
