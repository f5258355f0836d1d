import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BUILD = join(import.meta.dirname, '../cluster/harness/build.sh');

/** kubectl of the test cluster's version, as people type it. Resolves with what it prints; rejects with what it complains about. */
export async function kubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const { stdout: folder } = await promisify(execFile)('bash', [BUILD]);
  const { stdout } = await promisify(execFile)(join(folder.trim().split('\n').at(-1)!, 'kubectl'), ['--kubeconfig', kubeconfig, ...args]);
  return stdout;
}
