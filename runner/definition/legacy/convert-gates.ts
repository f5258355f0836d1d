import type { JsonObject } from '../../model/experiment.ts';
import { parseDuration } from '../duration.ts';
import type { Path } from '../locate.ts';
import { DEFAULT_TIMEOUTS } from '../trial-template-schema.ts';
import { convertReference } from './convert-patch.ts';
import { asObject, isObject, omit, withoutNulls } from './json.ts';
import { conditionType } from './kinds.ts';
import type { Report } from './report.ts';

export type ConvertedGates = {
  gates: unknown[];
  /** Seconds to wait besides: a gate of no kind was a pause (R§9.3). */
  pause: number;
  /** Seconds that the most patient gate was given, where that is more than ours get. */
  patience: number | undefined;
};

/** `path` is the list in the user's file, `to` in the converted one. */
export function convertGates(written: unknown, path: Path, to: Path, slot: unknown, report: Report): ConvertedGates | undefined {
  if (!Array.isArray(written)) return undefined;
  const items = written.map((gate: unknown, index) => ({ gate: isObject(gate) ? withoutNulls(gate) : gate, index }));
  const kept = items.filter(({ gate }) => !isPause(gate));
  const gates = kept.map(({ gate, index }, position) => {
    report.moves.push({ to: [...to, position], from: [...path, index] });
    return isObject(gate) ? convertGate(gate, [...path, index], slot, report) : gate;
  });
  const pauses = items.filter(({ gate }) => isPause(gate));
  for (const { index } of pauses)
    report.notices.push({ path: [...path, index], message: 'names no kind and so only paused; it is part of initialDelaySeconds here' });
  return {
    gates,
    pause: Math.max(0, ...pauses.map(({ gate }) => Number(asObject(gate).initialDelaySeconds ?? 0))),
    patience: patienceOf(kept, path, report),
  };
}

function isPause(gate: unknown): boolean {
  return isObject(gate) && (gate.kind === undefined || gate.kind === '') && gate.name === undefined;
}

function convertGate(gate: JsonObject, path: Path, slot: unknown, report: Report): JsonObject {
  const { conditionTypes, ...rest } = omit(gate, ['periodSeconds', 'failureThreshold']);
  const reference = asObject(convertReference(rest, path, slot, report));
  return conditionTypes === undefined
    ? reference
    : { ...reference, conditionTypes: Array.isArray(conditionTypes) ? conditionTypes.map(conditionType) : conditionTypes };
}

/** The ancestor looked `failureThreshold` times, every `periodSeconds` (R§9.1). */
function patienceOf(gates: readonly { gate: unknown; index: number }[], path: Path, report: Report): number | undefined {
  const patience = gates.flatMap(({ gate, index }) => {
    const { periodSeconds, failureThreshold } = asObject(gate);
    if (periodSeconds === undefined && failureThreshold === undefined) return [];
    report.notices.push({
      path: [...path, index, periodSeconds === undefined ? 'failureThreshold' : 'periodSeconds'],
      message: 'objects are watched instead of polled, and timeouts.stabilize is the deadline of all gates',
    });
    return [Number(periodSeconds ?? 10) * Number(failureThreshold ?? 3)];
  });
  const most = Math.max(0, ...patience);
  return most * 1000 > parseDuration(DEFAULT_TIMEOUTS.stabilize)! ? most : undefined;
}
