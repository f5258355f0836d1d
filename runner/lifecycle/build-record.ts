import { formatRecordedEvidence } from './recorded-evidence.ts';
import type { StageFailure } from '../model/errors.ts';
import { API_VERSION } from '../model/names.ts';
import type { Condition, MetricValue, RecordedFailure, StageTiming, TrialRecord } from '../model/record.ts';
import type { TrialStage } from '../model/stage.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { TrialProgress } from './trial-progress.ts';

export type Outcome =
  | { status: 'Completed'; values: MetricValue[] }
  /** `values` are kept when they were measured and violate a bound. */
  | { status: 'Failed'; failure: StageFailure; values: MetricValue[]; bug?: unknown };

/** The trial's record, as it will stand in git: everything needed to believe its numbers or to understand its failure. */
export function buildRecord(
  {
    trial,
    baseline,
    results,
    timings,
    jobPatches = [],
  }: Pick<TrialProgress, 'results' | 'timings'> & Pick<RenderedTrial, 'trial' | 'baseline'> & Partial<Pick<RenderedTrial, 'jobPatches'>>,
  outcome: Outcome,
  runner: { version: string; run: string },
): TrialRecord {
  const window = results.run?.window;
  return {
    apiVersion: API_VERSION,
    kind: 'Trial',
    metadata: { name: trial.name },
    spec: {
      experiment: trial.experiment,
      number: trial.number,
      assignments: trial.assignments,
      source: trial.source,
      baseline,
      definition: trial.definition,
      slot: trial.slot,
      runner,
      uid: trial.uid,
    },
    status: {
      phase: outcome.status,
      ...(outcome.status === 'Failed' && { failure: recordFailure(outcome.failure) }),
      ...(window !== undefined && window),
      values: outcome.values,
      conditions: conditions(timings, outcome),
      stages: timings,
      patches: [
        ...(results.patch ?? []).map(({ index: _index, resourceVersion: _version, fields: _fields, ...effect }) => effect),
        ...jobPatches,
      ],
      images: [...new Set([...(results['setup-create']?.images ?? []), ...(results.run?.images ?? [])])].toSorted(),
    },
  };
}

function recordFailure(failure: StageFailure): RecordedFailure {
  const evidence = formatRecordedEvidence(failure.evidence);
  return {
    stage: failure.stage,
    reason: failure.reason,
    message: failure.message,
    infrastructure: failure.infrastructure,
    ...(evidence !== undefined && { evidence }),
  };
}

const CONDITION_OF: Partial<Record<TrialStage, Condition['type']>> = {
  'setup-create': 'SetupCreated',
  patch: 'Patched',
  stabilize: 'Ready',
  collect: 'Observed',
};

function conditions(timings: readonly StageTiming[], outcome: Outcome): Condition[] {
  const failure = outcome.status === 'Failed' ? outcome.failure : undefined;
  const reached = timings.flatMap(({ stage, finishedAt }): Condition[] => {
    const type = CONDITION_OF[stage as TrialStage];
    if (type === undefined) return [];
    const failed = failure?.stage === stage && failure.reason !== 'MetricBound';
    return [
      {
        type,
        status: failed ? 'False' : 'True',
        reason: failed ? failure.reason : 'Succeeded',
        message: failed ? failure.message : '',
        lastTransitionTime: finishedAt,
      },
    ];
  });
  const last = timings.at(-1)?.finishedAt ?? new Date(0).toISOString();
  const end: Condition =
    failure === undefined
      ? { type: 'Complete', status: 'True', reason: 'Succeeded', message: '', lastTransitionTime: last }
      : { type: 'Failed', status: 'True', reason: failure.reason, message: failure.message, lastTransitionTime: last };
  return [...reached, end];
}
