import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { buildImage, type BuiltImage } from '../test/e2e/image/built-image.ts';
import { readFromArchive } from '../test/e2e/image/read-from-archive.ts';
import { median } from './quantile.ts';

const run = promisify(execFile);

export type ImageScore = {
  /** MiB of all layers, unpacked and as a registry sends them. */
  size: number;
  transfer: number;
  /** Seconds of `--help` and of node alone in the image's own file system. */
  help: number;
  node: number;
};

/** Builds the image and measures it; undefined where this machine cannot build one: that needs buildah and root. */
export async function measureImage(times: number, folder: string): Promise<ImageScore | undefined> {
  if (process.getuid?.() !== 0 || !(await hasBuilder())) return undefined;
  const image = await buildImage(folder);
  const root = await unpack(image.archive, join(folder, 'image'));
  const help: number[] = [];
  const node: number[] = [];
  // The first of each fills the file system's cache and does not count.
  for (let round = 0; round <= times; round += 1) {
    node.push(await seconds(root, image.config, ['node', '--eval', '0']));
    help.push(await seconds(root, image.config, [...image.config.Entrypoint, '--help']));
  }
  const { size } = await stat(image.archive);
  return {
    size: size / 2 ** 20,
    transfer: (await compressedSize(image.archive)) / 2 ** 20,
    help: median(help.slice(1)),
    node: median(node.slice(1)),
  };
}

async function hasBuilder(): Promise<boolean> {
  return run('buildah', ['--version']).then(
    () => true,
    () => false,
  );
}

async function unpack(archive: string, root: string): Promise<string> {
  const [{ Layers }] = JSON.parse((await readFromArchive(archive, 'manifest.json')).toString()) as [{ Layers: string[] }];
  const layers = `${root}-layers`;
  await Promise.all([root, layers].map((path) => mkdir(path)));
  await run('tar', ['--extract', '--file', archive, '--directory', layers]);
  for (const layer of Layers) await run('tar', ['--extract', '--file', join(layers, layer), '--directory', root]);
  return root;
}

async function compressedSize(archive: string): Promise<number> {
  let bytes = 0;
  await pipeline(createReadStream(archive), createGzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) bytes += chunk.length;
  });
  return bytes;
}

async function seconds(root: string, { User, Env }: BuiltImage['config'], command: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await run('chroot', [`--userspec=${User}`, root, 'env', '-i', ...Env, ...command]);
  return (performance.now() - startedAt) / 1000;
}
