import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readFromArchive } from './read-from-archive.ts';

/** The image of the project's Dockerfile, as a docker-archive. */
export type BuiltImage = {
  /** As pods name it. */
  name: string;
  archive: string;
  /** Image Specification, `config` of the image configuration. */
  config: {
    User: string;
    Env: string[];
    Entrypoint: string[];
    Cmd: string[];
    Labels: Record<string, string>;
  };
};

/**
 * Builds the Dockerfile from the working tree into a folder (half a minute when little has changed since the last time, minutes at first).
 *
 * @throws when nothing can be built here; the message lists what is missing.
 */
export async function buildImage(folder: string): Promise<BuiltImage> {
  const archive = join(folder, 'fieldtrial.tar');
  const script = join(import.meta.dirname, 'build.sh');
  const { stdout } = await promisify(execFile)('bash', [script, archive], { maxBuffer: 2 ** 26 });
  const [{ Config }] = JSON.parse((await readFromArchive(archive, 'manifest.json')).toString()) as [{ Config: string }];
  const { config } = JSON.parse((await readFromArchive(archive, Config)).toString()) as Pick<BuiltImage, 'config'>;
  return { name: stdout.trim(), archive, config };
}
