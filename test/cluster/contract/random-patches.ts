import { createHash } from 'node:crypto';

import { PATCHED_DEPLOYMENT, randomPatch, seededRandom } from './random-patch.ts';
import type { RawApi } from './raw-api.ts';

export const NUMBER_OF_PATCHES = 400;

/** The object to which the patches are made, as dry runs: it stays as it is. */
export async function preparePatches(api: RawApi, namespace: string): Promise<void> {
  await api.send({ method: 'POST', path: pathIn(namespace), body: PATCHED_DEPLOYMENT });
}

/**
 * What becomes of the object by the patch of this seed, in short: the code, and a digest of the resulting object or the fields that were
 * refused.
 */
export async function answerToPatch(api: RawApi, namespace: string, seed: number): Promise<string> {
  const { code, body } = await api.send({
    method: 'PATCH',
    path: `${pathIn(namespace)}/random?dryRun=All`,
    body: randomPatch(seededRandom(seed)),
    contentType: 'application/strategic-merge-patch+json',
  });
  if (code === 200) return `200 ${digest([body.metadata.labels, body.metadata.finalizers, body.spec])}`;
  const causes: { field: string; reason: string }[] = body.details?.causes ?? [];
  // Which of several mistakes an API server finds first is up to the order of a Go map.
  return code === 422 ? `422 ${digest(causes.map(({ field, reason }) => [field, reason]))}` : 'refused';
}

function pathIn(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`;
}

function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, 12);
}

/** The order of fields means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
