import type { FieldPath } from './changed-fields.ts';
import type { RestorePoint } from './restore-point.ts';
import type { MetricValue, PatchEffect, StageTiming, TrialRecord } from '../model/record.ts';
import type { TrialStage } from '../model/stage.ts';
import type { RenderedTrial, TrialWindow } from '../model/trial.ts';

/**
 * How far a trial has come: JSON, written to the slot's journal when a stage begins, so that whoever finds it goes on from there.
 * A stage whose result is here is not run again; the one that had begun is, and every stage may be begun twice.
 */
export type TrialProgress = {
  rendered: RenderedTrial;
  startedAt: string;
  /** The stage begun last, and when. */
  stage: TrialStage;
  stageStartedAt: string;
  timings: StageTiming[];
  results: StageResults;
};

/** What each finished stage hands to the later ones. */
export type StageResults = {
  'setup-create'?: SetupResult;
  patch?: AppliedPatch[];
  stabilize?: Record<string, never>;
  run?: RunResult;
  collect?: MetricValue[];
};

export type SetupResult = { images: string[] };

export type AppliedPatch = PatchEffect & {
  index: number;
  /** The object's, once it was patched. */
  resourceVersion?: string;
  /** Of a JSON patch, which cannot be sent again: what it set, by fingerprint. */
  fields?: { path: FieldPath; after: string }[];
};

export type RunResult = { window: TrialWindow; jobUid: string; images: string[] };

/** What a slot's journal holds: the trial under way, one whose teardown is not confirmed, records not known to be pushed, and what is to be put back. */
export type Journal = {
  active?: TrialProgress;
  /** Reported, but its teardown is not confirmed. */
  teardown?: { rendered: RenderedTrial };
  owed: TrialRecord[];
  /** What patches changed in the slot and is to be put back. */
  restore?: RestorePoint[];
};
