import type { Clock } from '../clock.ts';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import type { MetricAccess } from './access/metric-access.ts';
import type { QueryScope, TrialWindow } from '../model/trial.ts';

export type MetricContext = {
  /** What queries see; `target` is added by the type that has one. */
  scope: Omit<QueryScope, 'target'>;
  /** The slot: targets are read there and nowhere else. */
  namespace: string;
  window: TrialWindow;
  /** The trial Job's pods. */
  jobPods: readonly KubeObject[];
  /** What `target` is for a kubernetes metric that names none (R§11.1). */
  trial?: unknown;
};

export type MetricDeps = {
  cluster: Pick<Cluster, 'read' | 'list' | 'log'>;
  clock: Clock;
  /** The hosts that may be asked, and what they are sent. */
  access: MetricAccess;
  /** Told what is still missing, at each look. */
  waiting: (message: string) => void;
};
