import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageProgram } from '../../scripts/package-program.ts';

let folder: string | undefined;

/** Before all quick tests, in mocha's main process: what they run as `fieldtrial` is what is shipped, which also begins in half the time. */
export async function mochaGlobalSetup(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'fieldtrial-program-'));
  process.env['FIELDTRIAL_TEST_PROGRAM'] = await packageProgram(folder);
}

export async function mochaGlobalTeardown(): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
