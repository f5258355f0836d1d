import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { kubectl } from '../../support/kubectl.ts';

/** The administrator's kubeconfig with a token of the chart's account in the place of its user. */
export async function kubeconfigOfAccount(kubeconfig: string): Promise<string> {
  const token = await kubectl(kubeconfig, 'create', 'token', 'fieldtrial', '--namespace', 'fieldtrial');
  const config = load(await readFile(kubeconfig, 'utf8')) as { users: { name: string }[] };
  return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token: token.trim() } })) });
}
