/**
 * `npm run example`: the example experiment on a real Kubernetes that is started for it and ended with it, from a git remote made of this
 * project's experiments and charts. TEST_KUBECONFIG takes an existing cluster instead.
 */
import { connectCluster } from '../../runner/cluster/connect.ts';
import { createExampleSlot, exampleRepository } from '../../scripts/example/example-repository.ts';
import { showFieldtrial } from '../../scripts/example/show-fieldtrial.ts';
import { clusterNames } from '../support/cluster-names.ts';
import { createRemote } from '../support/git-repository.ts';
import { deleteSlot } from '../support/slots.ts';
import { testCluster } from './harness/cluster.ts';

const SLOTS = ['httpd-1', 'httpd-2'];

say('starting a cluster (the first time on a machine Kubernetes is built before, which takes minutes)');
const cluster = await testCluster('node');
const { cluster: api, close } = await connectCluster({ kubeconfig: cluster.kubeconfig });
const files = await exampleRepository({ prometheusImage: await cluster.prometheusImage() });
const remote = await createRemote(files);
const names = await clusterNames(api);
try {
  const image = await cluster.runnerImage();
  for (const slot of SLOTS) {
    say(`preparing slot ${slot}`);
    await createExampleSlot(api, slot, { experiment: 'httpd-sizing', files });
  }
  const run = ['run', remote.path, '-e', 'httpd-sizing', '--kubeconfig', cluster.kubeconfig, '--image', image];
  // The experiment asks each slot's Prometheus by its name in the cluster.
  process.exitCode = (await showFieldtrial(run, { environment: { ...process.env, ...names } })) ?? 1;
  say('\nwhere the experiment stands');
  await showFieldtrial(['status', 'httpd-sizing', '--repository', remote.path], { environment: process.env });
  say('\nthe results, as anybody reads them: git log fieldtrial/results');
  process.stdout.write(`${(await remote.log('fieldtrial/results')).join('\n')}\n`);
} finally {
  await Promise.all(SLOTS.map((slot) => deleteSlot(api, slot)));
  await close();
  await cluster.stop();
  await remote.cleanup();
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
