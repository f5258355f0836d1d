import type { Assignment } from './experiment.ts';
import type { Evidence } from './errors.ts';
import type { Stage } from './stage.ts';
import type { DefinitionRef, SuggestionSource } from './trial.ts';

/** A trial's result file. Times are RFC 3339 UTC; key order here is key order in the file. */
export type TrialRecord = {
  apiVersion: 'fieldtrial.dev/v1alpha1';
  kind: 'Trial';
  metadata: { name: string };
  spec: {
    experiment: string;
    number: number;
    assignments: Assignment[];
    source: SuggestionSource;
    baseline: boolean;
    definition: DefinitionRef;
    slot: string;
    runner: { version: string; run: string };
    uid: string;
  };
  status: TrialStatus;
};

export type TrialStatus = {
  phase: 'Completed' | 'Failed';
  failure?: RecordedFailure;
  startTime?: string;
  completionTime?: string;
  values: MetricValue[];
  conditions: Condition[];
  stages: StageTiming[];
  patches: PatchEffect[];
  /** `container: image@digest` of the pods involved, sorted. */
  images: string[];
  /** Absent until teardown ended; a trial without setup has none. */
  setupDeletion?: { status: 'Deleted' } | { status: 'Failed'; reason: string; message: string };
};

export type RecordedFailure = {
  stage: Stage;
  reason: string;
  message: string;
  /** Retried once with the same assignments, never counted as a bad point. */
  infrastructure: boolean;
  evidence?: Evidence;
};

/** A metric's number with everything needed to ask again. */
export type MetricValue = {
  name: string;
  value: number;
  error?: number;
  type: string;
  query: string;
  /** The answer as it came, cut at 2 KiB. */
  raw: string;
  /** The time the query was evaluated for. */
  time: string;
};

export type Condition = {
  type: 'SetupCreated' | 'Patched' | 'Ready' | 'Observed' | 'Complete' | 'Failed' | 'SetupDeleted';
  status: 'True' | 'False';
  reason: string;
  message: string;
  lastTransitionTime: string;
};

export type StageTiming = { stage: Stage; startedAt: string; finishedAt: string };

export type PatchEffect = { target: string; type: string; effect: 'changed' | 'unchanged' | 'empty' | 'job'; generation?: number };
