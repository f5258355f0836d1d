import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '../../runner/cluster/port.ts';
import { PROJECT } from '../../scripts/example/project.ts';
import { toolsFolder } from './kubectl.ts';

/** The runner's own chart. */
export const CHART = join(PROJECT, 'charts', 'fieldtrial');

/** What an operator writes at least. */
export const VALUES = { git: { url: 'https://git.example/shop.git' }, slots: ['shop-1', 'shop-2'] };

/** helm of the test cluster's tools, as people type it. Resolves with what it prints; rejects with what it complains about. */
export async function helm(...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(join(await toolsFolder(), 'helm'), args, { maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

/** The same with a values file, which goes with the call. */
export async function helmWith(values: object, ...args: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-values-'));
  const file = join(folder, 'values.yaml');
  await writeFile(file, JSON.stringify(values));
  try {
    return await helm(...args, '--values', file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The objects that the release `fieldtrial` in the namespace `fieldtrial` would consist of. */
export async function renderChart(values: object = VALUES, chart = CHART): Promise<KubeObject[]> {
  const text = await helmWith(values, 'template', 'fieldtrial', chart, '--namespace', 'fieldtrial');
  return (loadAll(text) as (KubeObject | null)[]).filter((object) => object !== null);
}

/** The only object of that kind, and of that namespace where one is given. */
export function only(objects: readonly KubeObject[], kind: string, namespace?: string): KubeObject {
  const found = objects.filter((each) => each.kind === kind && (namespace === undefined || each.metadata.namespace === namespace));
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}, expected one`);
  return found[0]!;
}
