import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Cluster, KubeObject } from '../../runner/cluster/port.ts';
import type { LabelSelector } from '../../runner/model/experiment.ts';
import { PROJECT } from './project.ts';

/** The texts of a repository's files by path. */
export type ExampleFiles = Record<string, string>;

/**
 * This project's own experiments with the templates and charts they use, as the files of a repository. Nodes that pull nothing need other
 * images of Prometheus and Node than users do: those given take their places.
 */
export async function exampleRepository({
  prometheusImage,
  nodeImage,
}: { prometheusImage?: string; nodeImage?: string } = {}): Promise<ExampleFiles> {
  const folders = ['experiments', 'templates', 'charts/prometheus'];
  const paths = (await Promise.all(folders.map(filesOf))).flat();
  const texts = await Promise.all(paths.map((path) => readFile(join(PROJECT, path), 'utf8')));
  const images: [RegExp, string | undefined][] = [
    [/(?<=image: )docker\.io\/prom\/prometheus:.*$/gm, prometheusImage],
    [/(?<=image: )node:.*$/gm, nodeImage],
  ];
  const localize = (text: string) => images.reduce((changed, [image, local]) => (local ? changed.replaceAll(image, local) : changed), text);
  return Object.fromEntries(paths.map((path, index) => [path, localize(texts[index]!)]));
}

/** Makes a namespace a slot of an experiment, as experiments/README.md tells an operator to: its labels, then `EXPERIMENT/slot`. */
export async function createExampleSlot(
  cluster: Pick<Cluster, 'create' | 'apply'>,
  slot: string,
  { experiment, files }: { experiment: string; files: ExampleFiles },
): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  const folder = `experiments/${experiment}`;
  const [{ spec }] = loadAll(files[`${folder}/experiment.yaml`]!) as [{ spec: { namespaceSelector: LabelSelector } }];
  const { matchLabels = {} } = spec.namespaceSelector;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: slot, labels: matchLabels } }, signal);
  const manifests = Object.keys(files).filter((path) => path.startsWith(`${folder}/slot/`));
  for (const path of manifests.toSorted()) {
    for (const object of loadAll(files[path]!) as KubeObject[]) {
      await cluster.apply({ ...object, metadata: { ...object.metadata, namespace: slot } }, signal);
    }
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(PROJECT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1));
}
