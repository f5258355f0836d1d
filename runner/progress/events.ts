import type { Stage } from '../model/stage.ts';

/** What happened, as data; `progress/` renders it. Documented, with what is promised of it, in docs/progress.md. */
export type RunEvent =
  | {
      type: 'run-started';
      run: string;
      version: string;
      repository: string;
      commit: string;
      experiments: string[];
      slots: string[];
      maxTrials?: number;
      endBefore?: string;
    }
  | { type: 'notice'; level: 'info' | 'warning'; message: string; experiment?: string; slot?: string }
  | { type: 'slot-skipped'; slot: string; reason: string; message: string }
  | { type: 'experiment-skipped'; experiment: string; reason: string; message: string }
  | ({ type: 'preflight-finished' } & PreflightReport)
  | { type: 'namespace-created'; slot: string; experiment: string }
  | { type: 'slots-taken'; slots: string[] }
  | {
      type: 'experiment-started';
      experiment: string;
      trials: number;
      failed: number;
      left: number;
      parallel: number;
      seconds?: number;
      metrics: MetricOutline[];
      baseline: Record<string, number>;
      best: BestValue[];
    }
  | { type: 'slot-waiting'; slot: string; message: string }
  | {
      type: 'trial-started';
      experiment: string;
      trial: string;
      slot: string;
      source: string;
      assignments: Record<string, number | string>;
      recovered: boolean;
    }
  | { type: 'stage-started'; trial: string; slot: string; stage: Stage }
  | { type: 'waiting'; trial: string; slot: string; stage: Stage; message: string }
  | { type: 'stage-finished'; trial: string; slot: string; stage: Stage; seconds: number }
  | { type: 'stage-failed'; trial: string; slot: string; stage: Stage; reason: string; message: string; seconds: number }
  | {
      type: 'trial-finished';
      experiment: string;
      trial: string;
      slot: string;
      phase: 'Completed' | 'Failed';
      stage?: Stage;
      reason?: string;
      message?: string;
      infrastructure?: boolean;
      values: Record<string, number>;
      seconds: number;
    }
  | { type: 'records-pushed'; trials: string[]; commit: string; branch: string }
  | { type: 'push-retried'; reason: string; message: string }
  | { type: 'slot-quarantined'; slot: string; reason: string; message: string }
  | { type: 'slot-finished'; slot: string }
  | { type: 'experiment-finished'; experiment: string; reason: string; message: string }
  | { type: 'run-failed'; run: string; exitCode: number; reason: string; message: string }
  | { type: 'run-finished'; run: string; exitCode: number; trials: number; failed: number; seconds: number };

/** What is to be known of a metric to call a value of it good; `min` and `max` are its bounds. */
export type MetricOutline = { name: string; minimize: boolean; optimize: boolean; min?: number; max?: number };
export type BestValue = { metric: string; trial: string; value: number };

/** What a preflight found; the push to `branch` was accepted by then. */
export type PreflightReport = {
  branch: string;
  server: string;
  /** How far the cluster's clock is ahead of ours; absent where it cannot be told. */
  clockSeconds?: number;
  slots: PreflightSlot[];
};
export type PreflightSlot = {
  slot: string;
  /** Permissions, as `create, delete jobs.batch`. */
  missing: string[];
  /** Where the namespace does not exist: whose template a run makes it from, and why it cannot. */
  create?: { experiment: string; refused?: string };
  /** Why no trial was tried there. */
  untried?: string;
  trials: { experiment: string; refused: string[]; untried: string[] }[];
};

export type Emit = (event: RunEvent) => void;
