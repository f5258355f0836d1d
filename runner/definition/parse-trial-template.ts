import { InvalidInput } from '../model/errors.ts';
import type { HelmValue, ParameterValue, ReadinessGate, SetupTask, Timeouts, TrialTemplate } from '../model/experiment.ts';
import { chartSource } from './chart-source.ts';
import { checkSchema } from './check-schema.ts';
import { parseDuration } from './duration.ts';
import { rendered } from './fields.ts';
import { formatPath, type Finding, type Locate, type Path } from './locate.ts';
import { TEMPLATE_RULES, unknownParameterRefs } from './rules/trial-template.ts';
import {
  DEFAULT_APPROXIMATE_RUNTIME,
  DEFAULT_SETUP_SERVICE_ACCOUNT,
  DEFAULT_TIMEOUTS,
  trialTemplateSchema,
  type WrittenSetupTask,
  type WrittenTrialTemplate,
} from './trial-template-schema.ts';

export type TemplateContext = {
  /** Where the template lies in its file, for messages; default: it is the whole file. */
  at?: Path;
  /** The trial's assignments, for `valueFrom.parameterRef`. */
  values?: Readonly<Record<string, ParameterValue>>;
  /** Milliseconds, for the stages whose timeout the template leaves open (the settings' `timeouts`). */
  timeouts?: Partial<Timeouts>;
};

const schema = trialTemplateSchema(rendered);

/**
 * A rendered trial template, checked strictly and with every default filled in; `null` is an empty one.
 * `locate` takes paths that begin at the template. Throws InvalidInput with every problem.
 */
export function parseTrialTemplate(template: unknown, locate: Locate, context: TemplateContext = {}): TrialTemplate {
  const checked = checkSchema(schema, template ?? {});
  if (!checked.ok) throw invalid(checked.findings, locate, context);
  const broken = [
    ...TEMPLATE_RULES.flatMap((rule) => rule(checked.value)),
    ...unknownParameterRefs(checked.value, Object.keys(context.values ?? {})),
    ...(context.at === undefined ? slotOfSharedTemplate(checked.value) : []),
  ];
  if (broken.length > 0) throw invalid(broken, locate, context);
  return normalize(checked.value, context);
}

/** Slots are dealt before a shared template is rendered. */
function slotOfSharedTemplate({ metadata }: WrittenTrialTemplate): Finding[] {
  if (metadata?.namespace === undefined) return [];
  return [
    {
      path: ['metadata', 'namespace'],
      message: 'a shared template cannot choose the slot; write namespaceSelector into the experiment',
    },
  ];
}

function invalid(findings: readonly Finding[], locate: Locate, { at = [] }: TemplateContext): InvalidInput {
  return new InvalidInput(findings.map(({ path, message }) => ({ ...locate(path), path: formatPath([...at, ...path]), message })));
}

function normalize({ metadata = {}, spec = {} }: WrittenTrialTemplate, { values = {}, timeouts = {} }: TemplateContext): TrialTemplate {
  const approximateRuntime = milliseconds(spec.approximateRuntime ?? DEFAULT_APPROXIMATE_RUNTIME);
  return {
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    setupTasks: (spec.setupTasks ?? []).map((task) => normalizeTask(task, values)),
    setupVolumes: spec.setupVolumes ?? [],
    setupServiceAccountName: spec.setupServiceAccountName ?? DEFAULT_SETUP_SERVICE_ACCOUNT,
    files: spec.files ?? [],
    initialDelay: (spec.initialDelaySeconds ?? 0) * 1000,
    startTimeOffset: milliseconds(spec.startTimeOffset ?? 0),
    approximateRuntime,
    timeouts: normalizeTimeouts(spec.timeouts ?? {}, timeouts, approximateRuntime),
    readinessGates: (spec.readinessGates ?? []).map(normalizeGate),
    jobTemplate: spec.jobTemplate ?? {},
  };
}

type WrittenTimeouts = { [Stage in keyof Timeouts]?: string | number | undefined };

function normalizeTimeouts(written: WrittenTimeouts, settings: Partial<Timeouts>, approximateRuntime: number): Timeouts {
  const of = (stage: keyof Timeouts, byDefault: number) =>
    written[stage] === undefined ? (settings[stage] ?? byDefault) : milliseconds(written[stage]);
  return {
    setup: of('setup', milliseconds(DEFAULT_TIMEOUTS.setup)),
    setupDelete: of('setupDelete', milliseconds(DEFAULT_TIMEOUTS.setupDelete)),
    stabilize: of('stabilize', milliseconds(DEFAULT_TIMEOUTS.stabilize)),
    run: of('run', milliseconds(DEFAULT_TIMEOUTS.run) + approximateRuntime),
    collect: of('collect', milliseconds(DEFAULT_TIMEOUTS.collect)),
  };
}

function normalizeTask(task: WrittenSetupTask, values: Readonly<Record<string, ParameterValue>>): SetupTask {
  const { helmChart, helmRepository, helmChartVersion, ...rest } = task;
  const chart = chartSource({ helmChart, helmRepository, helmChartVersion });
  return {
    ...rest,
    ...(chart && { chart }),
    env: task.env ?? [],
    volumeMounts: task.volumeMounts ?? [],
    labels: task.labels ?? {},
    skipCreate: task.skipCreate ?? false,
    skipDelete: task.skipDelete ?? false,
    helmValues: (task.helmValues ?? []).map((helmValue) => normalizeHelmValue(helmValue, values)),
    helmValuesFrom: (task.helmValuesFrom ?? []).map(({ configMap }) => configMap.name),
    manifests: task.manifests ?? [],
  };
}

function normalizeHelmValue(
  { name, value, valueFrom, forceString = false }: NonNullable<WrittenSetupTask['helmValues']>[number],
  values: Readonly<Record<string, ParameterValue>>,
): HelmValue {
  const given = valueFrom === undefined ? value : values[valueFrom.parameterRef.name];
  return { name, value: given ?? null, forceString };
}

type WrittenGate = NonNullable<NonNullable<WrittenTrialTemplate['spec']>['readinessGates']>[number];

function normalizeGate({ conditionTypes = [], initialDelaySeconds = 0, ...target }: WrittenGate): ReadinessGate {
  return { ...target, conditionTypes, initialDelay: initialDelaySeconds * 1000 };
}

/** Of what the schema has already accepted. */
function milliseconds(duration: string | number): number {
  return parseDuration(duration)!;
}
