import type { TrialProgress } from '../../runner/lifecycle/trial-progress.ts';
import { buildTrialJob } from '../../runner/lifecycle/trial-job.ts';
import type { SetupTask, TrialTemplate } from '../../runner/model/experiment.ts';
import type { RenderedTrial, Trial } from '../../runner/model/trial.ts';
import { aMetric } from './builders.ts';

export const START = '2026-01-01T10:00:00.000Z';

/** Trial 1 of `sizing` with `cpu: 2`, in the slot `shop-1`. */
export function aTrial(fields: Partial<Trial> = {}): Trial {
  return {
    experiment: 'sizing',
    number: 1,
    name: 'sizing-001',
    uid: 'trial-uid',
    slot: 'shop-1',
    assignments: [{ name: 'cpu', value: 2 }],
    source: { type: 'random', index: 0 },
    definition: { commit: '0123456789abcdef0123456789abcdef01234567', digest: 'digest' },
    run: 'run-1',
    ...fields,
  };
}

/** A template that says nothing, with every default filled in. */
export function aTrialTemplate(fields: Partial<TrialTemplate> = {}): TrialTemplate {
  return {
    labels: {},
    annotations: {},
    setupTasks: [],
    setupVolumes: [],
    setupServiceAccountName: 'fieldtrial-setup',
    files: [],
    initialDelay: 0,
    startTimeOffset: 0,
    approximateRuntime: 120_000,
    timeouts: { setup: 300_000, setupDelete: 300_000, stabilize: 600_000, run: 3_600_000, collect: 300_000 },
    readinessGates: [],
    jobTemplate: {},
    ...fields,
  };
}

/** A setup task with an image of its own. */
export function aSetupTask(fields: Partial<SetupTask> = {}): SetupTask {
  return {
    name: 'seed',
    image: 'seed:1',
    env: [],
    volumeMounts: [],
    labels: {},
    skipCreate: false,
    skipDelete: false,
    helmValues: [],
    helmValuesFrom: [],
    manifests: [],
    ...fields,
  };
}

/** A trial of one container `load`, of one metric that is always 1, without setup and patches. */
export function aRenderedTrial(fields: Partial<RenderedTrial> = {}): RenderedTrial {
  const trial = fields.trial ?? aTrial();
  const template = aTrialTemplate({ jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load', image: 'load:1' }] } } } } });
  const { job, containers } = buildTrialJob(trial, template, 'fieldtrial:test');
  return {
    trial,
    baseline: false,
    setup: undefined,
    patches: [],
    jobPatches: [],
    restore: 'never',
    readinessGates: [],
    job,
    containers,
    initialDelay: 0,
    startTimeOffset: 0,
    timeouts: template.timeouts,
    metrics: [aMetric('one')],
    ...fields,
  };
}

/** A trial that is rendered and about to touch its slot; fields given say how far it has come. */
export function aProgress(fields: Partial<TrialProgress> = {}): TrialProgress {
  return {
    rendered: aRenderedTrial(),
    startedAt: START,
    stage: 'create-trial',
    stageStartedAt: START,
    timings: [],
    results: {},
    ...fields,
  };
}
