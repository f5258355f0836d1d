/** JSON of the Experiments API (R§22.4). */
export type ExperimentPayload = {
  displayName?: string;
  observations?: number;
  /** Set by the server. */
  budget?: number;
  optimization?: { name: string; value: string }[];
  metrics: MetricPayload[];
  constraints?: ConstraintPayload[];
  parameters: ParameterPayload[];
  labels?: Record<string, string>;
};

export type MetricPayload = { name: string; minimize: boolean; optimize: boolean };

export type ParameterPayload =
  | { name: string; type: 'int' | 'double'; bounds: { min: number; max: number } }
  | { name: string; type: 'categorical'; values: string[] };

export type ConstraintPayload =
  | { name: string; constraintType: 'order'; lowerParameter: string; upperParameter: string }
  | {
      name: string;
      constraintType: 'sum';
      isUpperBound: boolean;
      bound: number;
      parameters: { parameterName: string; weight: number }[];
    };

export type AssignmentPayload = { parameterName: string; value: number | string };

/** A suggestion, and what `next-trial` hands out. */
export type AssignmentsPayload = { assignments: AssignmentPayload[]; labels?: Record<string, string> };

/** Times are RFC 3339 UTC with milliseconds, both or neither. */
export type ReportPayload = {
  values?: { metricName: string; value: number; error?: number }[];
  failed?: true;
  failureReason?: string;
  failureMessage?: string;
  startTime?: string;
  completionTime?: string;
};

export type TrialStatus = 'staged' | 'active' | 'completed' | 'failed' | 'abandoned';
