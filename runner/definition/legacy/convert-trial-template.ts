import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { convertGates } from './convert-gates.ts';
import { convertSetupTask, isPrometheusTask } from './convert-setup-task.ts';
import { asObject, isObject, literalTexts, omit, withoutNulls } from './json.ts';
import type { Report } from './report.ts';

const AT: Path = ['spec', 'trialTemplate'];

/** Fields that held a trial's state, or said what is always so here. */
const LEFT_OUT: Record<string, string> = {
  experimentRef: 'a trial belongs to the experiment of its file; the field is left out',
  selector: 'the trial Job is known by its uid; the field is left out',
  values: 'values are results, which stand in records; the field is left out',
  patchOperations: 'was written by the controller and is left out',
  readinessChecks: 'was written by the controller and is left out',
  ttlSecondsAfterFinished: 'Jobs are deleted once their evidence is recorded; the field is left out',
  ttlSecondsAfterFailure: 'Jobs are deleted once their evidence is recorded; the field is left out',
};

const ACCESS_FIELDS = ['setupDefaultRules', 'setupDefaultClusterRole'];

export type TrialTemplatePlace = {
  /** `spec.trialTemplate`, or `spec.template` as it was called once. */
  path: Path;
  slot: string | undefined;
  categories: ReadonlyMap<string, readonly unknown[]>;
  report: Report;
};

/** undefined where neither the template nor a slot says anything. */
export function convertTrialTemplate(written: unknown, place: TrialTemplatePlace): JsonObject | undefined {
  if (written === undefined && place.slot === undefined) return undefined;
  const { metadata, spec, ...rest } = withoutNulls(asObject(written));
  const converted = convertMetadata(asObject(metadata), place);
  return {
    ...rest,
    ...(Object.keys(converted).length > 0 ? { metadata: converted } : {}),
    ...(spec === undefined ? {} : { spec: isObject(spec) ? convertSpec(withoutNulls(spec), place) : spec }),
  };
}

function convertMetadata(metadata: JsonObject, { path, slot, report }: TrialTemplatePlace): JsonObject {
  for (const field of ['name', 'generateName'].filter((each) => metadata[each] !== undefined)) {
    report.notices.push({ path: [...path, 'metadata', field], message: 'trials are named after their experiment; the field is left out' });
  }
  const { labels, annotations, ...rest } = withoutNulls(omit(metadata, ['name', 'generateName', 'namespace', 'creationTimestamp']));
  const ours = Object.entries(asObject(annotations)).filter(([key]) => !/^(redskyops\.dev|stormforge\.io)\//.test(key));
  const left = Object.keys(asObject(annotations)).filter((key) => !ours.some(([kept]) => kept === key));
  for (const key of left)
    report.notices.push({
      path: [...path, 'metadata', 'annotations', key],
      message: 'was an instruction to the controller and is left out',
    });
  return {
    ...rest,
    ...(labels === undefined ? {} : { labels: literalTexts(labels) }),
    ...(ours.length === 0 ? {} : { annotations: literalTexts(Object.fromEntries(ours)) }),
    ...(slot === undefined ? {} : { namespace: slot }),
  };
}

function convertSpec(spec: JsonObject, place: TrialTemplatePlace): JsonObject {
  const { path, report } = place;
  const at = [...path, 'spec'];
  for (const [field, message] of Object.entries(LEFT_OUT))
    if (spec[field] !== undefined) report.notices.push({ path: [...at, field], message });
  if (Array.isArray(spec.assignments) && spec.assignments.length > 0) {
    report.findings.push({
      path: [...at, 'assignments'],
      message: 'a template cannot fix assignments; give those parameters a single value',
    });
  }
  const {
    template,
    jobTemplate = template,
    setupTasks,
    setupVolumes,
    setupServiceAccountName,
    readinessGates,
    initialDelaySeconds,
    timeouts,
    ...rest
  } = omit(spec, [...Object.keys(LEFT_OUT), ...ACCESS_FIELDS, 'assignments', 'targetNamespace']);
  if (template !== undefined && spec.jobTemplate === undefined)
    report.moves.push({ to: [...AT, 'spec', 'jobTemplate'], from: [...at, 'template'] });
  const gates = convertGates(readinessGates, [...at, 'readinessGates'], [...AT, 'spec', 'readinessGates'], place.slot, report);
  const delay =
    typeof (initialDelaySeconds ?? 0) === 'number' ? Number(initialDelaySeconds ?? 0) + (gates?.pause ?? 0) : initialDelaySeconds;
  return {
    ...convertSetup({ setupTasks, setupVolumes, setupServiceAccountName }, at, place),
    ...(delay === 0 ? {} : { initialDelaySeconds: delay }),
    ...rest,
    ...(gates?.patience === undefined ? {} : { timeouts: { stabilize: gates.patience } }),
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(gates === undefined || gates.gates.length === 0 ? {} : { readinessGates: gates.gates }),
    ...(jobTemplate === undefined ? {} : { jobTemplate: convertJobTemplate(jobTemplate) }),
  };
}

function convertSetup({ setupTasks, setupVolumes, setupServiceAccountName }: JsonObject, at: Path, place: TrialTemplatePlace): JsonObject {
  const account = typeof setupServiceAccountName === 'string' ? literalTexts(setupServiceAccountName) : setupServiceAccountName;
  const tasks = Array.isArray(setupTasks) ? convertTasks(setupTasks, [...at, 'setupTasks'], place) : setupTasks;
  const hasTasks = !Array.isArray(tasks) || tasks.length > 0;
  return {
    ...(tasks === undefined || !hasTasks ? {} : { setupTasks: tasks }),
    ...(setupVolumes === undefined ? {} : { setupVolumes: literalTexts(setupVolumes) }),
    // The ancestor's default was the namespace's own default account; ours is another.
    ...(tasks === undefined || !hasTasks ? {} : { setupServiceAccountName: account === undefined || account === '' ? 'default' : account }),
  };
}

function convertTasks(tasks: readonly unknown[], path: Path, { categories, report }: TrialTemplatePlace): unknown[] {
  const list = [...AT, 'spec', 'setupTasks'];
  const converted: unknown[] = [];
  for (const [index, task] of tasks.entries()) {
    const to = [...list, converted.length];
    const result = convertSetupTask(task, { path: [...path, index], to, categories, report });
    if (result === undefined) continue;
    report.moves.push({ to, from: [...path, index] });
    converted.push(result);
  }
  return converted;
}

/** Only what the ancestor wrote into every template by itself is left out. */
function convertJobTemplate(written: unknown): unknown {
  if (!isObject(written)) return written;
  const { metadata, ...rest } = withoutNulls(written);
  const kept = isObject(metadata) ? withoutNulls(omit(metadata, ['creationTimestamp'])) : metadata;
  const isEmpty = kept === undefined || (isObject(kept) && Object.keys(kept).length === 0);
  return literalTexts({ ...(isEmpty ? {} : { metadata: kept }), ...rest });
}

/** Whether trials bring the ancestor's own Prometheus. */
export function bringsPrometheus(template: unknown): boolean {
  const { setupTasks } = asObject(asObject(template).spec);
  return Array.isArray(setupTasks) && setupTasks.some(isPrometheusTask);
}
