import type { AuditEvent } from './audit.ts';

/** When the API server heard or said what bounds a trial. Milliseconds since 1970. */
export type TrialTimes = {
  slot: string;
  job: string;
  /** The patch of the Deployment was received. */
  patched?: number;
  /** The first status of the Deployment that says so was written. */
  ready?: number;
  /** The request that creates the trial's Job was received. */
  created: number;
  /** The pod's final phase was written. */
  ended: number;
};

/** The trials that a user ran, slot by slot, in order. Jobs of the setup are none. */
export function trialTimes(events: readonly AuditEvent[], user: string): TrialTimes[] {
  return [...Map.groupBy(events, ({ objectRef }) => objectRef?.namespace)].flatMap(([slot, own]) =>
    slot === undefined ? [] : slotTimes(slot, own, user),
  );
}

function slotTimes(slot: string, events: readonly AuditEvent[], user: string): TrialTimes[] {
  const times: TrialTimes[] = [];
  let patched: number | undefined;
  let ready: number | undefined;
  for (const event of events) {
    const { resource, subresource, name = '' } = event.objectRef ?? {};
    if (subresource === undefined && event.user.username === user) {
      if (resource === 'deployments' && event.verb === 'patch') [patched, ready] = [received(event), undefined];
      if (resource === 'jobs' && event.verb === 'create' && !/-(create|delete)$/.test(name)) {
        times.push({
          slot,
          job: name,
          ...(patched !== undefined && { patched }),
          ...(ready !== undefined && { ready }),
          created: received(event),
          ended: NaN,
        });
        [patched, ready] = [undefined, undefined];
      }
    }
    if (resource === 'deployments' && patched !== undefined && isRolledOut(event)) ready ??= answered(event);
    if (resource === 'pods' && event.requestObject?.status?.phase === 'Succeeded') {
      const trial = times.findLast(({ job }) => name.startsWith(`${job}-`) && !/-(create|delete)-[^-]+$/.test(name));
      if (trial !== undefined) trial.ended = answered(event);
    }
  }
  return times.filter(({ ended }) => !Number.isNaN(ended));
}

/** A status update of a Deployment that says that its newest revision runs, and only that. */
function isRolledOut({ objectRef, responseStatus, requestObject }: AuditEvent): boolean {
  if (objectRef?.subresource !== 'status' || responseStatus?.code !== 200) return false;
  const { metadata, spec, status } = requestObject;
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
  return (
    observedGeneration === metadata.generation && [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

/**
 * What a slot stood still for between one trial's end and the next one's Job, in seconds; with a rollout without the rollout itself. From
 * each slot's second trial on: the first ones begin all at once. Setups are Jobs of their own and have no such figure.
 */
export function pauses(times: readonly TrialTimes[]): number[] {
  return pairs(times).map(([before, next]) => {
    const rollout = next.patched !== undefined && next.ready !== undefined ? next.ready - next.patched : 0;
    return (next.created - before.ended - rollout) / 1000;
  });
}

/** From the rollout's end to the Job, in seconds. */
export function reactions(times: readonly TrialTimes[]): number[] {
  return times.flatMap(({ ready, created }) => (ready === undefined ? [] : [(created - ready) / 1000]));
}

/** Trials per second of all slots together, without the start and the end of the run. */
export function throughput(times: readonly TrialTimes[]): number {
  const bySlot = Map.groupBy(times, ({ slot }) => slot);
  return [...bySlot.values()]
    .filter((own) => own.length > 1)
    .reduce((sum, own) => sum + (own.length - 1) / ((own.at(-1)!.created - own[0]!.created) / 1000), 0);
}

/** Requests of a user per trial in its slots, by verb and resource: from one Job's creation to the next one's, on average. */
export function requestsPerTrial(events: readonly AuditEvent[], times: readonly TrialTimes[], user: string): Record<string, number> {
  const spans = [...Map.groupBy(times, ({ slot }) => slot)].map(([slot, own]) => ({
    slot,
    from: own[0]!.created,
    until: own.at(-1)!.created,
  }));
  const trials = times.length - spans.length;
  const counted = events.filter(
    (event) =>
      event.user.username === user &&
      spans.some(({ slot, from, until }) => event.objectRef?.namespace === slot && received(event) >= from && received(event) < until),
  );
  const groups = Map.groupBy(counted, ({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);
  return Object.fromEntries([...groups].map(([what, { length }]): [string, number] => [what, length / trials]).sort((a, b) => b[1] - a[1]));
}

export function conflicts(events: readonly AuditEvent[], user: string): number {
  return events.filter(({ user: { username }, responseStatus }) => username === user && responseStatus?.code === 409).length;
}

function pairs(times: readonly TrialTimes[]): [TrialTimes, TrialTimes][] {
  return times.flatMap((next, index): [TrialTimes, TrialTimes][] => {
    const before = times[index - 1];
    return before?.slot === next.slot && times[index - 2]?.slot === next.slot ? [[before, next]] : [];
  });
}

function received({ requestReceivedTimestamp }: AuditEvent): number {
  return Date.parse(requestReceivedTimestamp);
}

function answered({ stageTimestamp }: AuditEvent): number {
  return Date.parse(stageTimestamp);
}
