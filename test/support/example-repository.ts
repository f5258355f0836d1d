import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Cluster, KubeObject } from '../../runner/cluster/port.ts';
import type { LabelSelector } from '../../runner/model/experiment.ts';
import type { Files } from './git-repository.ts';
import { PROJECT } from './run-fieldtrial.ts';
import { createNamespace } from './slots.ts';

/**
 * This project's own experiments with the templates and charts they use, as the files of a repository. Nodes that pull nothing need
 * another Prometheus than users do: `prometheusImage` takes its place in the chart.
 */
export async function exampleRepository({ prometheusImage }: { prometheusImage: string }): Promise<Files> {
  const folders = ['experiments', 'templates', 'charts/prometheus'];
  const paths = (await Promise.all(folders.map(filesOf))).flat();
  const texts = await Promise.all(paths.map((path) => readFile(join(PROJECT, path), 'utf8')));
  const files = Object.fromEntries(paths.map((path, index) => [path, texts[index]!]));
  const values = 'charts/prometheus/values.yaml';
  return { ...files, [values]: files[values]!.replace(/^image: .*$/m, `image: ${prometheusImage}`) };
}

/** Makes a namespace a slot of an experiment, as experiments/README.md tells an operator to: its labels, then `EXPERIMENT/slot`. */
export async function createExampleSlot(cluster: Pick<Cluster, 'create' | 'apply'>, slot: string, experiment: string): Promise<void> {
  const folder = `experiments/${experiment}`;
  const [{ spec }] = (await documents(`${folder}/experiment.yaml`)) as [{ spec: { namespaceSelector: LabelSelector } }];
  await createNamespace(cluster, slot, spec.namespaceSelector.matchLabels);
  for (const path of (await filesOf(`${folder}/slot`)).toSorted()) {
    for (const object of (await documents(path)) as KubeObject[]) {
      await cluster.apply({ ...object, metadata: { ...object.metadata, namespace: slot } }, AbortSignal.timeout(30_000));
    }
  }
}

async function documents(path: string): Promise<unknown[]> {
  return loadAll(await readFile(join(PROJECT, path), 'utf8'));
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(PROJECT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1));
}
