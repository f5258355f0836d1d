import type { KubeObject } from '../cluster/port.ts';
import type { TargetRef } from '../model/experiment.ts';
import { changedFields, fingerprint, namesBefore, valueAt, withValueAt, type FieldPath } from './changed-fields.ts';

/**
 * What an object had before patches changed it, of exactly those fields: JSON, kept in the slot's journal. `before` is absent where the
 * field was. `ours` are the fingerprints of what patches gave it: the last one's value, and the one before, which stands as long as the
 * last patch is not sent. An item of a list that patches took away has in `behind` the names of those that came before it.
 */
export type RestorePoint = {
  until: 'trial' | 'run';
  target: TargetRef;
  fields: { path: FieldPath; before?: unknown; behind?: string[]; ours: string[] }[];
};

/**
 * The point with what one more patch changes. Where the values of earlier patches still stand, what was there before those is kept; where
 * somebody else wrote between, it is what they wrote.
 */
export function pointBefore(
  patched: { before: KubeObject; after: KubeObject },
  { until, target, fields = [] }: Omit<RestorePoint, 'fields'> & Partial<RestorePoint>,
): RestorePoint {
  const original = putBack(patched.before, fields).object;
  // As long as the patch is not sent, what earlier ones changed stands.
  const changed = [patched.before, patched.after].flatMap((state) => changedFields(original, state).map(({ path }) => path));
  const pointOf = (path: FieldPath) => {
    const before = valueAt(original, path);
    const values = [valueAt(patched.before, path), valueAt(patched.after, path)];
    const ours = new Set(values.map(fingerprint).filter((each) => each !== fingerprint(before)));
    const behind = before !== undefined && values.includes(undefined) ? namesBefore(original, path) : undefined;
    return { path, before, ...(behind && { behind }), ours: [...ours] };
  };
  return { until, target, fields: outermost(changed).map(pointOf) };
}

/** Each path once, and none that lies within another. */
function outermost(paths: readonly FieldPath[]): FieldPath[] {
  const known = new Map(paths.map((path) => [JSON.stringify(path), path]));
  return [...known.values()].filter((path) => !path.some((_, length) => known.has(JSON.stringify(path.slice(0, length)))));
}

/** Points with one replaced, or added. */
export function withPoint(points: readonly RestorePoint[], point: RestorePoint): RestorePoint[] {
  return [...points.filter((each) => !isSamePoint(each, point)), ...(point.fields.length > 0 ? [point] : [])];
}

export function isSamePoint(a: Omit<RestorePoint, 'fields'>, b: Omit<RestorePoint, 'fields'>): boolean {
  const key = ({ until, target: { apiVersion, kind, name } }: Omit<RestorePoint, 'fields'>) => [until, apiVersion, kind, name].join(' ');
  return key(a) === key(b);
}

/** The object with the old values where ours still stand; the others stay as they are and are told. */
export function putBack(
  object: KubeObject,
  fields: RestorePoint['fields'],
): { object: KubeObject; restored: FieldPath[]; left: FieldPath[] } {
  const states = fields.map(({ path, before, behind, ours }) => {
    const now = fingerprint(valueAt(object, path));
    return { path, before, behind, is: ours.includes(now) ? 'ours' : now === fingerprint(before) ? 'restored' : 'another' };
  });
  const ours = states.filter(({ is }) => is === 'ours');
  return {
    object: ours.reduce((restored, { path, before, behind }) => withValueAt(restored, path, before, behind), object),
    restored: ours.map(({ path }) => path),
    left: states.filter(({ is }) => is === 'another').map(({ path }) => path),
  };
}

/** The merge patch (RFC 7386) that makes one state of an object of another; lists go as a whole. */
export function mergePatchBetween(before: any, after: any): any {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const [old, next] = [before[key], after[key]];
      if (old === next) return [];
      if (next === undefined) return [[key, null]];
      return [[key, isMapping(old) && isMapping(next) ? mergePatchBetween(old, next) : next]];
    }),
  );
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
