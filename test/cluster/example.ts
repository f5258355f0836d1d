/**
 * `npm run example`: the example experiment on a real Kubernetes that is started for it and ended with it, from a git remote made of this
 * project's experiments and charts. TEST_KUBECONFIG takes an existing cluster instead.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connectCluster } from '../../runner/cluster/connect.ts';
import { clusterNames } from '../support/cluster-names.ts';
import { createExampleSlot, exampleRepository } from '../support/example-repository.ts';
import { createRemote } from '../support/git-repository.ts';
import { PROJECT } from '../support/run-fieldtrial.ts';
import { deleteSlot } from '../support/slots.ts';
import { testCluster } from './harness/cluster.ts';

const SLOTS = ['httpd-1', 'httpd-2'];

say('starting a cluster (the first time on a machine Kubernetes is built before, which takes minutes)');
const cluster = await testCluster('node');
const { cluster: api, close } = await connectCluster({ kubeconfig: cluster.kubeconfig });
const remote = await createRemote(await exampleRepository({ prometheusImage: await cluster.prometheusImage() }));
const names = await clusterNames(api);
try {
  const image = await cluster.runnerImage();
  for (const slot of SLOTS) {
    say(`preparing slot ${slot}`);
    await createExampleSlot(api, slot, 'httpd-sizing');
  }
  await fieldtrial('run', remote.path, '-e', 'httpd-sizing', '--kubeconfig', cluster.kubeconfig, '--image', image);
  say('\nwhere the experiment stands');
  await fieldtrial('status', 'httpd-sizing', '--repository', remote.path);
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

async function fieldtrial(...args: string[]): Promise<void> {
  process.stderr.write(`\n$ fieldtrial ${args.join(' ')}\n`);
  const child = spawn(process.execPath, [join(PROJECT, 'bin', 'fieldtrial.js'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // The experiment asks each slot's Prometheus by its name in the cluster.
    env: { ...process.env, ...names },
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  if (exitCode !== 0) throw new Error(`fieldtrial ${args[0]} ended with exit code ${exitCode}`);
}
