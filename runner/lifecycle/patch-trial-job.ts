import { formatPath, toProblems, type Locate, type Path } from '../definition/locate.ts';
import { InvalidInput } from '../model/errors.ts';
import type { JsonObject } from '../model/experiment.ts';
import { LABELS } from '../model/names.ts';
import type { JobPatch } from '../model/trial.ts';

/** What patches make of the trial's Job, which may run for at most so many seconds. */
export type PatchJob = (job: JsonObject, longest: number) => JsonObject;

/**
 * Merges the patches that are aimed at the trial's own Job (R§8.2) into it, all of them and in order: strategic merge with the keys of
 * the Job's type, as the API server would do it. What makes the Job the trial's own (names, labels, the longest deadline) is not theirs
 * to change. The function throws InvalidInput with every problem of the first patch that has any.
 */
export async function jobPatching(patches: readonly JobPatch[], locate: Locate): Promise<PatchJob> {
  const sent = patches.filter(({ body }) => body !== undefined);
  if (sent.length === 0) return (job) => job;
  // Few experiments need them.
  const [{ strategicMergePatch }, { UnfitPatch }, { misfits }] = await Promise.all([
    import('../../kubernetes/patches/strategic.ts'),
    import('../../kubernetes/patches/unfit-patch.ts'),
    import('../../kubernetes/schema/misfits.ts'),
  ]);
  return (job, longest) => sent.reduce((patched, patch) => applied(patched, patch, longest), job);

  function applied(job: JsonObject, patch: JobPatch, longest: number): JsonObject {
    // The ancestor dropped a patch with a number where a Job has text, without a word (R§8.2).
    const unfit = misfits(patch.body, 'Job').map(({ path, message }) => `${formatPath(path)} ${message}`);
    if (unfit.length > 0) throw refused(patch, unfit, locate);
    try {
      const patched = strategicMergePatch(job, patch.body, 'Job');
      const taken = identityTaken(job, patched, longest);
      if (taken.length > 0) throw refused(patch, taken, locate);
      return patched;
    } catch (error) {
      if (!(error instanceof UnfitPatch)) throw error;
      throw refused(patch, [`cannot be merged into the trial's own Job: ${error.message}`], locate);
    }
  }
}

const IDENTITY: readonly Path[] = [
  ['apiVersion'],
  ['kind'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ...Object.values(LABELS).flatMap((label): Path[] => [
    ['metadata', 'labels', label],
    ['spec', 'template', 'metadata', 'labels', label],
  ]),
];

function identityTaken(before: JsonObject, after: JsonObject, longest: number): string[] {
  const changed = IDENTITY.filter((path) => at(before, path) !== at(after, path)).map(
    (path) => `changes ${formatPath(path)} of the trial's own Job, by which the runner finds it; leave it out`,
  );
  const deadline = at(after, ['spec', 'activeDeadlineSeconds']);
  const isBounded = typeof deadline === 'number' && deadline <= longest;
  const containers = at(after, ['spec', 'template', 'spec', 'containers']);
  const isEmpty = !Array.isArray(containers) || containers.length === 0;
  return [
    ...changed,
    ...(isBounded
      ? []
      : [`makes spec.activeDeadlineSeconds ${JSON.stringify(deadline) ?? 'unlimited'}, beyond ${longest}; raise timeouts.run instead`]),
    ...(at(after, ['spec', 'ttlSecondsAfterFinished']) === undefined
      ? []
      : ['sets spec.ttlSecondsAfterFinished; the runner deletes the Job itself, after its logs are read']),
    ...(isEmpty ? ["leaves the trial's own Job without containers"] : []),
  ];
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<any>((inner, key) => inner?.[key], value);
}

function refused({ index }: JobPatch, messages: readonly string[], locate: Locate): InvalidInput {
  const path: Path = ['spec', 'patches', index, 'patch'];
  return new InvalidInput(
    toProblems(
      messages.map((message) => ({ path, message })),
      locate,
    ),
  );
}
