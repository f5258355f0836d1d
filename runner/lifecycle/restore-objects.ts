import { ClusterError, isConflict, isNotFound, isTransient } from '../cluster/errors.ts';
import type { Cluster } from '../cluster/port.ts';
import { StageFailure } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { describeTarget } from './apply-patches.ts';
import { formatFieldPath, type FieldPath } from './changed-fields.ts';
import { mergePatchBetween, putBack, type RestorePoint } from './restore-point.ts';

/** A Deployment's status may be written many times a second, and each write makes our patch one of an older object. */
const TRIES = 10;

/**
 * Puts back what patches changed, where their values still stand. What somebody else has changed since is left to them, with a notice;
 * an object that is gone needs nothing. Twice does no harm. Throws StageFailure `RestoreFailed` when the API server refuses.
 */
export async function restoreObjects(
  points: readonly RestorePoint[],
  slot: string,
  deps: { cluster: Pick<Cluster, 'read' | 'patch'>; emit: Emit },
  signal: AbortSignal,
): Promise<void> {
  const settled = await Promise.allSettled(points.map((point) => restoreObject(point, slot, deps, signal)));
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
}

async function restoreObject(
  { target, fields }: RestorePoint,
  slot: string,
  { cluster, emit }: { cluster: Pick<Cluster, 'read' | 'patch'>; emit: Emit },
  signal: AbortSignal,
): Promise<void> {
  const ref = { ...target, namespace: slot };
  const say = (level: 'info' | 'warning', message: string) =>
    emit({ type: 'notice', level, slot, message: `${describeTarget(target)}: ${message}` });
  for (let attempt = 1; ; attempt += 1) {
    try {
      const current = await cluster.read(ref, signal);
      if (current === undefined) return;
      const { object, restored, left } = putBack(current, fields);
      if (restored.length > 0) {
        const change = mergePatchBetween(current, object);
        // Somebody who writes between our read and our write must not lose what they wrote.
        const { resourceVersion } = current.metadata;
        await cluster.patch(ref, 'merge', { ...change, metadata: { ...change.metadata, resourceVersion } }, {}, signal);
        say('info', `put back ${list(restored)}`);
      }
      if (left.length > 0) say('warning', `somebody else has changed ${list(left)} since it was patched, so it stays as it is`);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error) && attempt < TRIES) continue;
      if (!(error instanceof ClusterError) || isTransient(error)) throw error;
      throw new StageFailure('setup-delete', 'RestoreFailed', `${describeTarget(target)} could not be put back: ${error.message}`, {
        evidence: { refused: error.message },
        cause: error,
      });
    }
  }
}

function list(paths: readonly FieldPath[]): string {
  return paths.map(formatFieldPath).join(', ');
}
