import { gzipSync } from 'node:zlib';
import { posix } from 'node:path';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';

/**
 * A chart folder as the `.tgz` that helm installs: entries sorted and without times, so that the same files give the same bytes.
 * Helm expects the chart's own folder as the archive's first path segment.
 */
export async function packChart(folder: string, files: readonly { path: string; content: Buffer }[]): Promise<Buffer> {
  const archive = pack();
  const name = posix.basename(folder);
  const sorted = files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  for (const { path, content } of sorted) {
    archive.entry({ name: posix.join(name, posix.relative(folder, path)), mtime: new Date(0), mode: 0o644 }, content);
  }
  archive.finalize();
  return gzipSync(await buffer(archive), { level: 9 });
}
