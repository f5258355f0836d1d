import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BUILD = join(import.meta.dirname, '../cluster/harness/build.sh');

/** kubectl of the test cluster's version, as people type it. Resolves with what it prints; rejects with what it complains about. */
export async function kubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(await toolsFolder(), 'kubectl'), ['--kubeconfig', kubeconfig, ...args]);
  return stdout;
}

/** Where kubectl, helm and the rest of the test cluster's programs are. */
export async function toolsFolder(): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', [BUILD]);
  return stdout.trim().split('\n').at(-1)!;
}
