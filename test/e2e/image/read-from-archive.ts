import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { extract } from 'tar-stream';

/** A file of a tar archive; empty when there is none of that name. */
export async function readFromArchive(archive: string, wanted: string): Promise<Buffer> {
  const entries = extract();
  const found: Buffer[] = [];
  entries.on('entry', ({ name }, content, next) => {
    content.on('data', (chunk) => {
      if (name === wanted) found.push(chunk as Buffer);
    });
    content.on('end', next);
  });
  createReadStream(archive).pipe(entries);
  await once(entries, 'finish');
  return Buffer.concat(found);
}
