import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster, type Connection } from '../../runner/cluster/connect.ts';
import { testCluster, type TestCluster } from '../cluster/harness/cluster.ts';
import { buildImage, type BuiltImage } from './image/built-image.ts';

/** What all files of this folder share: a cluster whose node has the image. */
export type Stage = { test: TestCluster; cluster: Connection['cluster']; image: BuiltImage };

/** Labels of a namespace in which only pods start that comply with the strictest of the Pod Security Standards. */
export const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

let opened: Promise<Stage> | undefined;
const closings: (() => Promise<unknown>)[] = [];

/** Builds the image and starts the cluster for whoever asks first; both are gone after the last test. */
export function openStage(): Promise<Stage> {
  opened ??= open();
  return opened;
}

after(async () => {
  for (const close of closings.toReversed()) await close();
});

async function open(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-image-'));
  closings.push(() => rm(folder, { recursive: true, force: true }));
  const image = await buildImage(folder);
  const test = await testCluster('node');
  closings.push(() => test.stop());
  await test.loadImage(image.archive);
  const { cluster, close } = await connectCluster({ kubeconfig: test.kubeconfig });
  closings.push(close);
  return { test, cluster, image };
}
