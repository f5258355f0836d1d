import { pushgatewayUrl } from '../model/bundled-prometheus.ts';
import type { Assignment, JsonObject, TrialTemplate } from '../model/experiment.ts';
import { environmentName } from '../model/names.ts';
import type { Trial } from '../model/trial.ts';
import { hasPrometheus } from './has-prometheus.ts';
import type { MountedFiles } from './mount-files.ts';
import type { PatchJob } from './patch-trial-job.ts';
import { trialLabels } from './trial-labels.ts';

/** The Job outlives our own deadline by this much, so that we read its logs first; it ends when the runner is dead. Seconds. */
const DEADLINE_MARGIN = 60;

export type BuiltJob = { name: string; job: JsonObject; containers: string[] };

/**
 * The trial Job (R§10): the template with names, labels, and a sleep of `approximateRuntime` when the template has no containers; then
 * the patches that are aimed at it; then the assignments as environment of every container and init container, and the `mounted` files of
 * the repository in each. Where a setup task installs the runner's own Prometheus, containers are told its Pushgateway as
 * PUSHGATEWAY_URL. A TTL of the template is dropped: the runner deletes the Job itself, after its logs are read.
 */
export function buildTrialJob(
  trial: Trial,
  template: TrialTemplate,
  image: string,
  patch: PatchJob = (job) => job,
  mounted?: MountedFiles,
): BuiltJob {
  const longest = Math.ceil(template.timeouts.run / 1000) + DEADLINE_MARGIN;
  const { metadata, spec, ...rest } = patch(draftJob(trial, template, image, longest), longest) as any;
  const podSpec = spec.template.spec;
  const assigned = assignmentVariables(trial.assignments);
  const variables = hasPrometheus(template) ? [...assigned, { name: 'PUSHGATEWAY_URL', value: pushgatewayUrl(trial) }] : assigned;
  const containers: any[] = podSpec.containers.map((each: any) => dressed(each, variables, mounted));
  const job = {
    ...rest,
    metadata,
    spec: {
      ...spec,
      template: {
        ...spec.template,
        spec: {
          ...podSpec,
          ...(podSpec.initContainers && {
            initContainers: podSpec.initContainers.map((each: any) => dressed(each, assigned, mounted)),
          }),
          containers,
          ...(mounted && { volumes: [...(podSpec.volumes ?? []), ...mounted.volumes] }),
        },
      },
    },
  };
  return { name: metadata.name, job, containers: containers.map((container) => String(container.name)) };
}

/** The name that the trial Job has, and those by which a patch may mean it: the trial's may be shortened to the experiment's (R§8.2). */
export function trialJobNames(trial: Pick<Trial, 'name' | 'experiment'>, template?: TrialTemplate): [string, ...string[]] {
  const { metadata = {} } = (template?.jobTemplate ?? {}) as { metadata?: any };
  return metadata.name === undefined ? [trial.name, trial.experiment] : [String(metadata.name)];
}

function draftJob(trial: Trial, template: TrialTemplate, image: string, longest: number): JsonObject {
  const { metadata = {}, spec = {} } = template.jobTemplate as { metadata?: any; spec?: any };
  const podTemplate = spec.template ?? {};
  const podSpec = podTemplate.spec ?? {};
  const labels = trialLabels(trial, 'trialRun');
  const annotations = { ...template.annotations, ...metadata.annotations };
  const given: any[] = podSpec.containers ?? [];
  const { ttlSecondsAfterFinished: _ttl, ...jobSpec } = spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      name: metadata.name ?? trial.name,
      namespace: trial.slot,
      labels: { ...template.labels, ...metadata.labels, ...labels },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      ...jobSpec,
      backoffLimit: spec.backoffLimit ?? 0,
      activeDeadlineSeconds: Math.min(spec.activeDeadlineSeconds ?? Infinity, longest),
      template: {
        ...podTemplate,
        metadata: { ...podTemplate.metadata, labels: { ...podTemplate.metadata?.labels, ...labels } },
        spec: {
          ...podSpec,
          restartPolicy: podSpec.restartPolicy ?? 'Never',
          containers: given.length > 0 ? given : [sleepContainer(template, image)],
        },
      },
    },
  };
}

/** One variable per assignment (R§7.2); what the template says itself comes last and so wins. */
export function assignmentVariables(assignments: readonly Assignment[]): { name: string; value: string }[] {
  return assignments.map(({ name, value }) => ({ name: environmentName(name), value: String(value) }));
}

/** A container of the template with what every one gets. */
function dressed(container: any, variables: readonly { name: string; value: string }[], mounted: MountedFiles | undefined): any {
  const own: { name: string }[] = container.env ?? [];
  const added = variables.filter(({ name }) => !own.some((variable) => variable.name === name));
  return {
    ...container,
    env: [...added, ...own],
    ...(mounted && { volumeMounts: [...(container.volumeMounts ?? []), ...mounted.mounts] }),
  };
}

function sleepContainer(template: TrialTemplate, image: string): any {
  const seconds = Math.round((template.approximateRuntime + template.startTimeOffset) / 1000);
  return {
    name: 'sleep',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sleep', String(seconds)],
    securityContext: RESTRICTED_CONTAINER,
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
  };
}

/** What Pod Security's `restricted` profile asks of a container. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
