/** The normalised experiment: every default filled in, durations in milliseconds. What a user wrote has its own types in definition/. */
export type Experiment = {
  name: string;
  /** Path of the file inside the repository. */
  file: string;
  /** For a remote API, which shows and filters by them. */
  labels?: Record<string, string>;
  /** Most slots at once; 0 pauses the experiment. */
  replicas: number;
  suggest: Suggest;
  failurePolicy: FailurePolicy;
  parameters: Parameter[];
  constraints: Constraint[];
  metrics: Metric[];
  patches: PatchTemplate[];
  restore: Restore;
  /** The namespaces that may be slots; `undefined` when the experiment names none. */
  namespaceSelector?: LabelSelector;
  /** What the namespaces that are missing to `replicas` slots are made from. */
  namespaceTemplate?: NamespaceTemplate;
  /** The one slot that `spec.trialTemplate.metadata.namespace` names. */
  namespace?: string;
  trialTemplate: TrialTemplateSource;
};

/** Where the installation lists no slots the names are `prefix` and a number. */
export type NamespaceTemplate = { prefix: string; labels: Record<string, string>; annotations: Record<string, string> };

/** When what patches changed is put back: after each trial, when the run leaves the slot, or not at all. */
export type Restore = 'never' | 'run' | 'trial';

/** Where suggestions come from once the queue is empty; `manual` means: from nowhere. */
export type Suggest =
  | { source: 'manual'; budget?: number }
  | { source: 'grid'; budget?: number }
  | { source: 'random'; budget: number; seed: number }
  /** The Experiments API that the installation names. */
  | { source: 'remote'; budget?: number };

export type FailurePolicy = { maxConsecutive?: number; maxTotal?: number };

export type Parameter =
  | { type: 'integer'; name: string; min: number; max: number; step: number; scale: Scale; baseline?: number }
  | { type: 'double'; name: string; min: number; max: number; step?: number; scale: Scale; baseline?: number }
  | { type: 'categorical'; name: string; values: string[]; baseline?: string };

export type Scale = 'linear' | 'log';

/** Integers and doubles are numbers, categories strings, also when they look like numbers. */
export type ParameterValue = number | string;

export type Assignment = { name: string; value: ParameterValue };

export type Constraint =
  /** lower ≤ upper, inclusive (R§24.6). */
  | { type: 'order'; name: string; lowerParameter: string; upperParameter: string }
  /** Σ weight·value ≤ bound when `isUpperBound`, else ≥ (R§24.6). */
  | { type: 'sum'; name: string; bound: number; isUpperBound: boolean; parameters: { name: string; weight: number }[] };

export type Metric = KubernetesMetric | PrometheusMetric | DatadogMetric | NewRelicMetric | JsonPathMetric | LogsMetric;

type MetricCommon = {
  name: string;
  minimize: boolean;
  /** Inclusive bounds; a value outside fails the trial, except a baseline. */
  min?: number;
  max?: number;
  /** What a rehearsal takes for the value; runs ignore it. */
  sample?: number;
  /** false: recorded, shown, not optimised. */
  optimize: boolean;
};

export type KubernetesMetric = MetricCommon & {
  type: 'kubernetes';
  /** Handlebars; must render to a finite number. */
  query: string;
  target?: MetricTarget;
};

export type PrometheusMetric = MetricCommon & {
  type: 'prometheus';
  /** Handlebars; base URL of the server. */
  url: string;
  /** Handlebars; PromQL. */
  query: string;
  errorQuery?: string;
  /** Objects of the slot that the templates see as `target`, such as the Services of which one is asked. */
  target?: MetricTarget;
  scrapeCheck: ScrapeCheck;
};

export type DatadogMetric = MetricCommon & {
  type: 'datadog';
  /** Handlebars; base URL of the site's API. Absent: the installation's site. */
  url?: string;
  /** Handlebars; a Datadog metrics query that gives one series. */
  query: string;
  /** What makes one number of the series' points. */
  aggregator: 'avg' | 'last' | 'max' | 'min' | 'sum';
  /** Milliseconds after completion until the last points are there. */
  delay: number;
};

export type NewRelicMetric = MetricCommon & {
  type: 'newrelic';
  /** Handlebars; base URL of the region's API. Absent: that of the United States. */
  url?: string;
  /** Handlebars; NRQL without SINCE and UNTIL. */
  query: string;
  /** Milliseconds after completion until the last events are there. */
  delay: number;
};

export type JsonPathMetric = MetricCommon & {
  type: 'jsonpath';
  /** Handlebars; where the JSON document is. */
  url: string;
  /** Handlebars; a JSONPath as kubectl takes it, with one match. */
  query: string;
  /** Objects of the slot that the templates see as `target`, such as the Services of which one is asked. */
  target?: MetricTarget;
};

export type LogsMetric = MetricCommon & {
  type: 'logs';
  /** Handlebars; a regular expression with one group (`regexp`) or a dot path into the last JSON line (`json`). */
  query: string;
  format: 'regexp' | 'json';
  /** The container of the trial Job's pods; default: the first. */
  container?: string;
};

/**
 * How the final scrape is proved: `targets` waits until the server's targets were scraped after completion, `samples` until the
 * query's series has a sample after completion, a number waits that many milliseconds, `none` asks at once.
 */
export type ScrapeCheck = { by: 'targets' } | { by: 'samples' } | { by: 'delay'; delay: number } | { by: 'none' };

export type MetricTarget = {
  apiVersion: string;
  kind: string;
  name?: string;
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelRequirement[];
};

export type LabelSelector = { matchLabels?: Record<string, string>; matchExpressions?: LabelRequirement[] };
export type LabelRequirement = { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] };

export type PatchType = 'strategic' | 'merge' | 'json';

export type PatchTemplate = {
  type: PatchType;
  /** Without a name: the trial's own Job. */
  targetRef?: Omit<TargetRef, 'name'> & { name?: string };
  /** Handlebars text; YAML once rendered. */
  patch: string;
  /** Absent: the target's rollout; empty: nothing is waited for; else these condition types. */
  readinessGates?: { conditionType: string }[];
};

/** An object in the trial's own slot: targets in other namespaces are refused. */
export type TargetRef = { apiVersion: string; kind: string; name: string };

/** A trial template: inline (YAML whose strings are templates) or a file of templates/ (text, rendered and then parsed). */
export type TrialTemplateSource =
  | { from: 'inline'; template: unknown }
  | { from: 'file'; path: string; text: string; with: Record<string, unknown> };

/** A trial template whose strings are rendered and whose defaults are filled in. */
export type TrialTemplate = {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  setupTasks: SetupTask[];
  /** Kubernetes pod volumes that setup tasks may mount. */
  setupVolumes: unknown[];
  setupServiceAccountName: string;
  /** Files or folders of the repository, as they are, and the folder in which the containers of the trial find them. */
  files: { path: string; mountPath: string }[];
  /** Milliseconds. */
  initialDelay: number;
  startTimeOffset: number;
  approximateRuntime: number;
  timeouts: Timeouts;
  readinessGates: ReadinessGate[];
  /** batch/v1 JobTemplateSpec, as JSON; `{}` when the template has none. */
  jobTemplate: JsonObject;
};

/** Milliseconds for each stage that waits. */
export type Timeouts = { setup: number; setupDelete: number; stabilize: number; run: number; collect: number };

export type JsonObject = { [key: string]: unknown };

export type SetupTask = {
  name: string;
  /** With an image the task is that container; without, it is the runner's own `fieldtrial setup`. */
  image?: string;
  command?: string[];
  args?: string[];
  env: unknown[];
  volumeMounts: unknown[];
  /** Of the setup Jobs and their pods. */
  labels: Record<string, string>;
  skipCreate: boolean;
  skipDelete: boolean;
  chart?: ChartSource;
  helmValues: HelmValue[];
  /** ConfigMaps of the slot: every key that ends with `values.yaml` is a values file, below helmValues. */
  helmValuesFrom: string[];
  /** Manifest files or folders of the repository, Handlebars text, applied in order and deleted in reverse. */
  manifests: string[];
};

/** Only a folder is read by the runner; the others are fetched, or found, by helm in the setup container. */
export type ChartSource =
  /** A chart folder of the repository. */
  | { from: 'folder'; chart: string }
  /** A chart that comes with the runner. */
  | { from: 'runner'; chart: string }
  /** `oci://host/path`; without a version, the newest. */
  | { from: 'registry'; chart: string; version?: string }
  /** A chart's name in a chart repository, an http(s) address. */
  | { from: 'repository'; repository: string; chart: string; version?: string };

export type HelmValue = { name: string; value: ParameterValue | boolean | null; forceString: boolean };

export type ReadinessGate = {
  apiVersion: string;
  kind: string;
  name?: string;
  selector?: LabelSelector;
  /** R§9.5: `fieldtrial.dev/app-ready`, `…/rollout-status`, `…/pod-ready`, `…/always-true`, `…/status-<field>-<value>`, else a condition type. */
  conditionTypes: string[];
  /** Milliseconds. */
  initialDelay: number;
};
