import type { KubeObject, ObjectRef } from '../cluster/port.ts';
import type { Stage } from '../model/stage.ts';
import type { RunEvent } from '../progress/events.ts';
import type { Witness } from './observe-cluster.ts';
import { refKey } from './wanted-objects.ts';

/** An object that a patch was aimed at, before and after. */
export type Change = { ref: ObjectRef; before: KubeObject; after: KubeObject };

export type UnknownFields = { ref: ObjectRef; fields: string[] };

export type TrialWatch = {
  hear(event: RunEvent): void;
  witness: Witness;
  /** The trials that were begun, in order. */
  begun(): string[];
  changes(trial: string): Change[];
  /** The experiment has no point that was not begun. */
  isExhausted(): boolean;
  /** What the first preflight says that the API server would refuse of the first trial, each once. */
  refusals(): string[];
  /** Of each object that was sent, each field once. */
  unknownFields(): UnknownFields[];
};

/** Keeps what the runner does to the cluster, by the trial that is under way: one slot has one at a time. */
export function watchTrials(note: (notice: string) => void): TrialWatch {
  const changes = new Map<string, Change[]>();
  const unknown = new Map<string, { ref: ObjectRef; fields: Set<string> }>();
  let current: Change[] = [];
  let refusals: string[] | undefined;
  let isExhausted = false;
  let stage: Stage = 'create-trial';
  return {
    hear(event) {
      if (event.type === 'preflight-finished')
        // Those of later lives meet what a disturbed run has left.
        refusals ??= [...new Set(event.slots.flatMap(({ trials }) => trials.flatMap(({ refused }) => refused)))];
      if (event.type === 'trial-started') {
        current = changes.get(event.trial) ?? [];
        changes.set(event.trial, current);
      }
      if (event.type === 'experiment-finished' || event.type === 'experiment-skipped') isExhausted ||= event.reason === 'SpaceExhausted';
      if (event.type === 'stage-started') stage = event.stage;
      if (event.type === 'notice' && event.level === 'warning' && !refusals?.some((words) => event.message.endsWith(words)))
        note(event.message);
      if (event.type === 'experiment-finished' && !NO_NEWS.has(event.reason)) note(`no more trials: ${event.reason}: ${event.message}`);
      if ((event.type === 'slot-skipped' || event.type === 'experiment-skipped') && !NO_NEWS.has(event.reason))
        note(`${event.reason}: ${event.message}`);
    },
    witness: {
      patched(ref, before, after) {
        // What is put back at the end of a trial is no patch of the experiment's.
        if (stage === 'patch') current.push({ ref, before, after });
      },
      unknownFields(ref, fields) {
        // Jobs are named after their trials, and each has the same mistake.
        const key = ref.kind === 'Job' ? ref.name.replace(/-\d+(?=-|$)/, '') : refKey(ref);
        const known = unknown.get(key) ?? { ref, fields: new Set() };
        unknown.set(key, known);
        for (const field of fields) known.fields.add(field);
      },
    },
    begun: () => [...changes.keys()],
    changes: (trial) => changes.get(trial) ?? [],
    isExhausted: () => isExhausted,
    refusals: () => refusals ?? [],
    unknownFields: () => [...unknown.values()].map(({ ref, fields }) => ({ ref, fields: [...fields] })),
  };
}

/** That as many trials are done as were wanted; and what a failed baseline ends in a run, and not in a rehearsal. */
const NO_NEWS: ReadonlySet<string> = new Set(['BudgetSpent', 'BaselineFailed']);
