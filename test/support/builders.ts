import type { Assignment, Experiment, Metric, Parameter, ParameterValue } from '../../runner/model/experiment.ts';
import { trialName } from '../../runner/model/names.ts';
import type { RecordedFailure, StageTiming, TrialRecord } from '../../runner/model/record.ts';
import type { SuggestionSource } from '../../runner/model/trial.ts';

/**
 * An experiment with one integer parameter `cpu` from 1 to 100 and one minimized metric `p95`; fields given replace
 * whole fields.
 */
export function anExperiment(fields: Partial<Experiment> = {}): Experiment {
  return {
    name: 'sizing',
    file: 'experiments/sizing/experiment.yaml',
    replicas: 1,
    suggest: { source: 'random', budget: 10, seed: 1 },
    failurePolicy: {},
    parameters: [anInteger('cpu')],
    constraints: [],
    metrics: [aMetric('p95')],
    patches: [],
    restore: 'never',
    trialTemplate: { from: 'inline', template: { spec: {} } },
    ...fields,
  };
}

export function anInteger(name: string, fields: Partial<Omit<Extract<Parameter, { type: 'integer' }>, 'type' | 'name'>> = {}): Parameter {
  return { type: 'integer', name, min: 1, max: 100, step: 1, scale: 'linear', ...fields };
}

export function aDouble(name: string, fields: Partial<Omit<Extract<Parameter, { type: 'double' }>, 'type' | 'name'>> = {}): Parameter {
  return { type: 'double', name, min: 0, max: 1, scale: 'linear', ...fields };
}

export function aCategory(name: string, values: string[], baseline?: string): Parameter {
  return { type: 'categorical', name, values, ...(baseline !== undefined && { baseline }) };
}

export function aMetric(name: string, fields: Partial<Pick<Metric, 'minimize' | 'optimize' | 'min' | 'max' | 'sample'>> = {}): Metric {
  return { type: 'kubernetes', name, minimize: true, optimize: true, query: '1', ...fields };
}

export type RecordFields = {
  experiment?: string;
  number?: number;
  assignments?: Record<string, ParameterValue>;
  source?: SuggestionSource;
  baseline?: boolean;
  digest?: string;
  slot?: string;
  run?: string;
  /** Given: the trial is Failed. */
  failure?: Partial<RecordedFailure>;
  values?: Record<string, number>;
  stages?: StageTiming[];
};

/** A completed trial number 1 of the definition `digest` with `cpu: 1`; with `failure` a failed one. */
export function aRecord(fields: RecordFields = {}): TrialRecord {
  const { experiment = 'sizing', number = 1, digest = 'digest', failure } = fields;
  return {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Trial',
    metadata: { name: trialName(experiment, number) },
    spec: {
      experiment,
      number,
      assignments: assignmentsOf(fields.assignments ?? { cpu: 1 }),
      source: fields.source ?? { type: 'random', index: number - 1 },
      baseline: fields.baseline ?? fields.source?.type === 'baseline',
      definition: { commit: '0123456789abcdef0123456789abcdef01234567', digest },
      slot: fields.slot ?? 'shop-1',
      runner: { version: '0.1.0', run: fields.run ?? 'earlier-run' },
      uid: `uid-${number}`,
    },
    status: {
      phase: failure === undefined ? 'Completed' : 'Failed',
      ...(failure !== undefined && { failure: aFailure(failure) }),
      values: Object.entries(fields.values ?? {}).map(([name, value]) => aValue(name, value)),
      conditions: [],
      stages: fields.stages ?? [],
      patches: [],
      images: [],
    },
  };
}

export function assignmentsOf(values: Record<string, ParameterValue>): Assignment[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function aFailure(fields: Partial<RecordedFailure>): RecordedFailure {
  return { stage: 'run', reason: 'Error', message: 'exit code 1', infrastructure: false, ...fields };
}

function aValue(name: string, value: number): TrialRecord['status']['values'][number] {
  return { name, value, type: 'kubernetes', query: '1', raw: String(value), time: '2026-01-01T00:00:00.000Z' };
}
