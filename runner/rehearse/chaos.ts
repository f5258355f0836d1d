import type { Faults } from '../../sandbox/faults.ts';
import type { Store, StoredObject } from '../../sandbox/store.ts';
import { LABELS } from '../model/names.ts';
import type { RehearsalClock } from './rehearsal-clock.ts';

type Stage = { faults: Faults; store: Store; clock: RehearsalClock; namespace: string; tell(what: string): void };

/**
 * Every few seconds something goes wrong as it does in real clusters: requests are refused or cut, connections close, watches end, break
 * or fall silent, a pod is deleted. Of a trial one pod at most, and none of the trial after it, in which the same is tried again: that a lost
 * trial is made up for is what chaos is to show. The same seed orders the same; gives the function that ends it.
 */
export function bringChaos(seed: number, stage: Stage): () => void {
  const random = randomNumbers(seed);
  const strikes: readonly Strike[] = [...STRIKES, podStrike()];
  let cancel = next();

  function next(): () => void {
    return stage.clock.after(SHORTEST_PAUSE + random() * (LONGEST_PAUSE - SHORTEST_PAUSE), () => {
      const strike = strikes[Math.floor(random() * strikes.length)]!;
      const done = strike(stage, random);
      if (done !== undefined) stage.tell(done);
      cancel = next();
    });
  }

  return () => cancel();
}

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

/** Says what it did; undefined when there was nothing to meet. */
type Strike = (stage: Stage, random: () => number) => string | undefined;

const STRIKES: readonly Strike[] = [
  ({ faults }) => {
    faults.add({ effect: 'refuse', code: 429, reason: 'TooManyRequests', retryAfter: 1, times: 2 });
    return 'two requests are refused with 429';
  },
  ({ faults }) => {
    faults.add({ effect: 'refuse', code: 500, reason: 'InternalError' });
    return 'a request is refused with 500';
  },
  ({ faults }) => {
    faults.add({ effect: 'refuse', code: 503, reason: 'ServiceUnavailable', times: 3 });
    return 'three requests are refused with 503';
  },
  ({ faults }, random) => {
    const when = random() < 0.5 ? 'before' : 'after';
    faults.add({ effect: 'cut', when });
    return `a connection is cut ${when} a request is carried out`;
  },
  ({ faults }) => {
    faults.add({ effect: 'close' });
    return 'a connection is closed after its answer';
  },
  ({ faults }, random) => {
    const how = (['end', 'cut', 'freeze'] as const)[Math.floor(random() * 3)]!;
    return faults.strike(how) === 0
      ? undefined
      : { end: 'every watch ends', cut: 'every watch is cut', freeze: 'every watch falls silent' }[how];
  },
];

function podStrike(): Strike {
  /** Numbers of trials. */
  const spared = new Set<number>();
  return ({ store, namespace }, random) => {
    const kind = store.kind('v1', 'Pod');
    const pods = store
      .list(kind, namespace)
      .filter(({ status, metadata }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined)
      .filter((pod) => !spared.has(trialNumber(pod)));
    const pod = pods[Math.floor(random() * pods.length)];
    if (pod === undefined) return undefined;
    const number = trialNumber(pod);
    if (!Number.isNaN(number)) for (const each of [number, number + 1]) spared.add(each);
    store.remove(kind, namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
    const owner = pod.metadata.ownerReferences?.[0];
    return `a pod of ${owner === undefined ? 'nobody' : owner.kind} is deleted`;
  };
}

/** NaN for a pod of no trial's Job. */
function trialNumber({ metadata }: StoredObject): number {
  return Number(/-(\d+)$/.exec(metadata.labels?.[LABELS.trial] ?? '')?.[1]);
}

/** mulberry32 (Tommy Ettinger, public domain): small, and good enough to be arbitrary. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
