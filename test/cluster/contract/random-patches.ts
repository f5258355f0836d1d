import { createHash } from 'node:crypto';

import { normalizeAnswer } from './normalize-answer.ts';
import { randomObject, PATCHED_KINDS, type PatchedKind } from './random-object.ts';
import { randomPatch } from './random-patch.ts';
import { chooser, seededRandom } from './random.ts';
import type { RawApi } from './raw-api.ts';

export const NUMBER_OF_PATCHES = 400;

const ROOTS: Record<PatchedKind, (namespace: string) => string> = {
  ConfigMap: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  Deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  Job: (namespace) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
  Pod: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  Service: (namespace) => `/api/v1/namespaces/${namespace}/services`,
};

/** The object and the patch of a seed. */
export function patchOf(seed: number): { kind: PatchedKind; object: any; patch: any } {
  const random = seededRandom(seed);
  const kind = chooser(random).pick(PATCHED_KINDS);
  return { kind, object: randomObject(kind, `random-${seed}`, random), patch: randomPatch(kind, random) };
}

/**
 * What becomes of the object of a seed by its patch, in short: the kind, the code, and a digest of the object without its managedFields,
 * or of what the refusal says of fields.
 */
export async function answerToPatch(api: RawApi, namespace: string, seed: number): Promise<string> {
  const { kind, object, patch } = patchOf(seed);
  const root = ROOTS[kind](namespace);
  const created = await api.send({ method: 'POST', path: root, body: object });
  if (created.code !== 201) throw new Error(`the object of seed ${seed} is refused: ${JSON.stringify(created.body)}`);
  const answer = await api.send({
    method: 'PATCH',
    path: `${root}/${object.metadata.name}?dryRun=All`,
    body: patch,
    contentType: 'application/strategic-merge-patch+json',
  });
  const { code, body } = normalizeAnswer(answer, namespace) as { code: number; body: any };
  if (body.metadata?.managedFields !== undefined) delete body.metadata.managedFields;
  return `${kind} ${code} ${digest(body)}`;
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
