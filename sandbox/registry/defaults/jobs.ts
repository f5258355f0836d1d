import { defaultPodSpec } from './pod-spec.ts';

/** k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go. */
export function defaultJob({ metadata, spec }: any): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
  metadata.labels ??= spec.template.metadata.labels;
  defaultJobSpec(spec);
  spec.manualSelector ??= false;
  defaultPodSpec(spec.template.spec);
}

export function defaultCronJob({ spec }: any): void {
  spec.concurrencyPolicy ??= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  // The Job gets its own defaults when it is created.
  defaultPodSpec(spec.jobTemplate.spec.template.spec);
}

/** Labels and selector that no other Job has: k8s.io/kubernetes/pkg/registry/batch/job/strategy.go, generateSelector. */
export function selectOwnPods({ metadata, spec }: any): void {
  if (spec.manualSelector === true) return;
  const own = Object.entries({ 'controller-uid': metadata.uid, 'job-name': metadata.name });
  const { labels } = spec.template.metadata;
  const all = {
    ...Object.fromEntries(
      own.flatMap(([label, value]) => [
        [label, value],
        [`batch.kubernetes.io/${label}`, value],
      ]),
    ),
    ...labels,
  };
  // In the API server, labels that the Job took over from its template are one map with the template's.
  if (labels !== undefined && metadata.labels === labels) metadata.labels = all;
  spec.template.metadata.labels = all;
  spec.selector = {
    ...spec.selector,
    matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid, ...spec.selector?.matchLabels },
  };
}

function defaultJobSpec(spec: any): void {
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  for (const { onPodConditions = [] } of spec.podFailurePolicy?.rules ?? []) {
    for (const condition of onPodConditions) condition.status ??= 'True';
  }
}
