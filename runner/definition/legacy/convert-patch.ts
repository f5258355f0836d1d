import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { isObject, omit, withoutNulls } from './json.ts';
import { apiVersionOf, conditionType, successorOf } from './kinds.ts';
import type { Report } from './report.ts';
import { translateText } from './templates.ts';
import { inYaml12 } from './yaml-versions.ts';

export type PatchPlace = {
  path: Path;
  /** The namespace of the experiment's trials where it names one: a target may name it too. */
  slot: unknown;
  /** Names by which a patch may mean the trial's own Job: of the experiment, which a trial's name begins with, and of the job template. */
  jobNames: readonly unknown[];
  report: Report;
};

export function convertPatch(written: unknown, { path, slot, jobNames, report }: PatchPlace): unknown {
  if (!isObject(written)) return written;
  const { type, targetRef, patch, readinessGates, wait, selector, ...rest } = withoutNulls(written);
  if (selector !== undefined) {
    report.findings.push({
      path: [...path, 'selector'],
      message: 'a patch of every object that labels select cannot be converted; write a patch with a targetRef for each',
    });
  }
  const target = targetRef === undefined ? undefined : convertReference(targetRef, [...path, 'targetRef'], slot, report);
  const ofJob = isOwnJob(target, jobNames);
  const gates = ofJob ? undefined : wait === false && readinessGates === undefined ? [] : readinessGates;
  return {
    ...rest,
    ...(type === undefined || type === '' ? {} : { type }),
    ...(target === undefined ? {} : { targetRef: ofJob ? { apiVersion: 'batch/v1', kind: 'Job' } : target }),
    ...(patch === undefined
      ? {}
      : { patch: translateText(typeof patch === 'string' ? inYaml12(patch) : patch, 'patch', [...path, 'patch'], report) }),
    ...(gates === undefined ? {} : { readinessGates: Array.isArray(gates) ? gates.map(convertGate) : gates }),
  };
}

/** A reference to an object of the slot. */
export function convertReference(written: unknown, path: Path, slot: unknown, report: Report): unknown {
  if (!isObject(written)) return written;
  const reference = withoutNulls(written);
  const { apiVersion, kind, namespace } = reference;
  const successor = successorOf(apiVersion, kind);
  if (successor !== undefined)
    report.notices.push({ path: [...path, 'apiVersion'], message: `${String(apiVersion)} is served no more; ${successor} is used` });
  const version = apiVersion === undefined || apiVersion === '' ? apiVersionOf(kind) : (successor ?? apiVersion);
  const isOwn = namespace === '' || (namespace !== undefined && namespace === slot);
  return { ...(version === undefined ? {} : { apiVersion: version }), ...omit(reference, ['apiVersion', ...(isOwn ? ['namespace'] : [])]) };
}

/** R§8.2; no readiness check was added for it. */
function isOwnJob(target: unknown, jobNames: readonly unknown[]): boolean {
  if (!isObject(target) || target.apiVersion !== 'batch/v1' || target.kind !== 'Job') return false;
  return target.name === undefined || target.name === '' || jobNames.includes(target.name);
}

function convertGate(gate: unknown): unknown {
  if (!isObject(gate)) return gate;
  return { ...gate, conditionType: conditionType(gate.conditionType) } satisfies JsonObject;
}
