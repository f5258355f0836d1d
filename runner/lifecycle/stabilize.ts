import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject, ObjectQuery } from '../cluster/port.ts';
import { StageFailure, type Evidence } from '../model/errors.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import { GROUP } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { describeTarget } from './apply-patches.ts';
import { isAwaited } from './is-awaited.ts';
import { decideByWatching, named } from './decide-by-watching.ts';
import { assessCondition } from './readiness/assess-gate.ts';
import type { PodOptions } from './readiness/assess-pods.ts';
import { firstSights } from './readiness/first-sights.ts';
import type { Readiness } from './readiness/readiness.ts';
import type { AppliedPatch } from './trial-progress.ts';
import { lookAtPods, NO_PODS, podEvidence, type WorkloadPods } from './workload-pods.ts';

export type StabilizeDeps = { cluster: Cluster; clock: Clock; unschedulableGrace: number; waiting: (message: string) => void };

/** What is waited for: the objects of a query, each with all its condition types. */
type Check = { label: string; query: ObjectQuery; conditionTypes: readonly string[]; initialDelay: number; appliedGeneration?: number };

/** How often pods are looked at while a workload is not ready: a crash or a missing image shows in no watch of the workload. */
const LOOK_INTERVAL = 2_000;
const POD_READY = `${GROUP}/pod-ready`;
const DEFAULT_CONDITION = `${GROUP}/app-ready`;

/**
 * Waits until everything patched runs the settings just patched and every declared gate is ready. The first that can never be ready
 * fails the trial with its reason and the evidence of its pods.
 */
export async function stabilize(
  rendered: RenderedTrial,
  applied: readonly AppliedPatch[],
  deps: StabilizeDeps,
  signal: AbortSignal,
): Promise<Record<string, never>> {
  const checks = [...patchChecks(rendered, applied), ...gateChecks(rendered)];
  const stop = new AbortController();
  const scoped = AbortSignal.any([signal, stop.signal]);
  const missing = new Map<string, string>();
  const waiting = (check: Check) => (message: string | undefined) => {
    if (message === undefined) missing.delete(check.label);
    else missing.set(check.label, message);
    if (missing.size > 0) deps.waiting([...missing].map(([label, what]) => `${label}: ${what}`).join('; '));
  };
  try {
    await Promise.all(checks.map((check) => awaitReady(check, { ...deps, say: waiting(check) }, scoped)));
  } finally {
    stop.abort(new Error('stabilization ended'));
  }
  return {};
}

/** What explains that something is still not ready: containers and events of the pods of everything that is waited for. */
export async function stabilizeEvidence(
  rendered: RenderedTrial,
  cluster: Pick<Cluster, 'list' | 'log'>,
  signal: AbortSignal,
): Promise<Evidence> {
  const checks = [...patchChecks(rendered, []), ...gateChecks(rendered)];
  const lists = await Promise.all(
    checks.map(async ({ query }) => (await cluster.list(query, signal)).items.map((item) => named(item, query))),
  );
  const objects = lists.flat();
  return podEvidence(objects, await lookAtPods(objects, cluster, signal), cluster, signal);
}

function patchChecks({ patches, readinessGates, trial }: RenderedTrial, applied: readonly AppliedPatch[]): Check[] {
  const declared = new Set(readinessGates.map(({ apiVersion, kind, name }) => `${apiVersion} ${kind} ${name}`));
  const checks = new Map<string, Check>();
  for (const patch of patches) {
    const { index, target, readinessGates: gates } = patch;
    const key = `${target.apiVersion} ${target.kind} ${target.name}`;
    const conditionTypes = gates?.map(({ conditionType }) => conditionType) ?? [DEFAULT_CONDITION];
    // A gate that the template declares for the same object replaces the default (R§8.4).
    if (!isAwaited(patch) || (gates === undefined && declared.has(key))) continue;
    const known = checks.get(key);
    const generation = Math.max(known?.appliedGeneration ?? 0, applied.find((each) => each.index === index)?.generation ?? 0);
    checks.set(key, {
      label: describeTarget(target),
      query: { apiVersion: target.apiVersion, kind: target.kind, namespace: trial.slot, fieldSelector: `metadata.name=${target.name}` },
      conditionTypes: [...new Set([...(known?.conditionTypes ?? []), ...conditionTypes])],
      initialDelay: 0,
      ...(generation > 0 && { appliedGeneration: generation }),
    });
  }
  return [...checks.values()];
}

function gateChecks({ readinessGates, trial }: RenderedTrial): Check[] {
  return readinessGates.map(({ apiVersion, kind, name, selector, conditionTypes, initialDelay }) => ({
    label: `${kind} ${name ?? formatLabelSelector(selector ?? {})}`,
    query: {
      apiVersion,
      kind,
      namespace: trial.slot,
      ...(name === undefined ? { labelSelector: formatLabelSelector(selector ?? {}) } : { fieldSelector: `metadata.name=${name}` }),
    },
    conditionTypes,
    initialDelay,
  }));
}

async function awaitReady(
  check: Check,
  deps: StabilizeDeps & { say: (message: string | undefined) => void },
  signal: AbortSignal,
): Promise<void> {
  if (check.initialDelay > 0) {
    deps.say('initial delay');
    await deps.clock.sleep(check.initialDelay, signal);
  }
  const options = { seenFor: firstSights(deps.clock), unschedulableGrace: deps.unschedulableGrace };
  const ask = async (objects: KubeObject[] = [], beat: 'change' | 'tick') => {
    // A change is judged by the object alone where that is enough, so that readiness is seen at once; pods are looked at between changes.
    const related = beat === 'tick' || check.conditionTypes.includes(POD_READY) ? await lookAtPods(objects, deps.cluster, signal) : NO_PODS;
    const readiness = assess(check, objects, related, options);
    if (readiness.status === 'Failed') throw await stabilizeFailure(check, readiness, objects, related, deps, signal);
    deps.say(readiness.status === 'Ready' ? undefined : readiness.message);
    return readiness.status === 'Ready' ? readiness : undefined;
  };
  const whole = check.query.labelSelector !== undefined;
  await decideByWatching(check.query, { ...deps, interval: LOOK_INTERVAL, whole }, ask, signal);
}

function assess(check: Check, objects: readonly KubeObject[], related: WorkloadPods, options: PodOptions): Readiness {
  if (objects.length === 0) return { status: 'Waiting', message: 'does not exist' };
  const context = {
    ...related,
    ...options,
    ...(check.appliedGeneration !== undefined && { appliedGeneration: check.appliedGeneration }),
  };
  const all = objects.flatMap((object) => check.conditionTypes.map((type) => assessCondition(object, type, context)));
  return all.find(({ status }) => status === 'Failed') ?? all.find(({ status }) => status === 'Waiting') ?? { status: 'Ready' };
}

async function stabilizeFailure(
  check: Check,
  { reason, message }: Extract<Readiness, { status: 'Failed' }>,
  objects: readonly KubeObject[],
  related: WorkloadPods,
  { cluster }: StabilizeDeps,
  signal: AbortSignal,
): Promise<StageFailure> {
  const looked = related === NO_PODS ? await lookAtPods(objects, cluster, signal) : related;
  return new StageFailure('stabilize', reason, `${check.label}: ${message}`, {
    evidence: await podEvidence(objects, looked, cluster, signal),
  });
}
