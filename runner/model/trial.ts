import type {
  Assignment,
  JsonObject,
  Metric,
  ParameterValue,
  PatchType,
  ReadinessGate,
  Restore,
  TargetRef,
  Timeouts,
} from './experiment.ts';

/** Where a suggestion came from. A queued file is known by its path and blob, so that an edited file is a new suggestion. */
export type SuggestionSource =
  | { type: 'baseline' }
  | { type: 'queue'; path: string; blob: string }
  | { type: 'grid' | 'random'; index: number }
  /** Handed out by a remote API, which takes the trial's report at this URL. */
  | { type: 'remote'; url: string }
  /** The same assignments again after an infrastructure failure of that trial number; its report goes where that one's would have gone. */
  | { type: 'retry'; of: number; url?: string };

export type Suggestion = { assignments: Assignment[]; source: SuggestionSource };

/** Which text of the experiment a trial ran. */
export type DefinitionRef = { commit: string; digest: string };

/** One trial, before anything is rendered. */
export type Trial = Suggestion & {
  experiment: string;
  /** From 1, counted per experiment over all generations. */
  number: number;
  /** `checkout-sizing-007` (names.ts). */
  name: string;
  /** Random, on every object the trial creates: an object is ours by this, never by its name alone. */
  uid: string;
  /** The namespace it runs in. */
  slot: string;
  definition: DefinitionRef;
  /** The life of the runner that began it. */
  run: string;
};

/** What templates see (R§16.1), as plain data. */
export type TemplateScope = {
  trial: { name: string; namespace: string; number: number; experiment: string };
  values: Record<string, ParameterValue>;
};

/** What metric queries see besides. Times are RFC 3339 UTC. */
export type QueryScope = TemplateScope & {
  window: { start: string; completion: string; duration: number };
  /** R§16.1 `.Range`: the window's length as a PromQL range such as `30s`. */
  range: string;
  /** The object or list that the metric's target names; absent without a target. */
  target?: unknown;
};

/** A trial with everything rendered: JSON, so that the journal holds it before the slot is touched. */
export type RenderedTrial = {
  trial: Trial;
  baseline: boolean;
  setup: RenderedSetup | undefined;
  /** In the order in which they are sent. */
  patches: RenderedPatch[];
  /** What became of the patches of the trial's own Job: they are merged into `job`. */
  jobPatches: { target: string; type: PatchType; effect: 'job' | 'empty' }[];
  restore: Restore;
  readinessGates: ReadinessGate[];
  /** The ConfigMap with the repository's files that setup tasks and the trial Job mount; undefined when they mount none. */
  files?: JsonObject | undefined;
  /** The trial Job, whole. */
  job: JsonObject;
  /** The containers of the template: their exits end the trial, those of injected sidecars do not. */
  containers: string[];
  /** Milliseconds. */
  initialDelay: number;
  startTimeOffset: number;
  timeouts: Timeouts;
  metrics: Metric[];
};

export type RenderedSetup = {
  /** Mounted into the setup Jobs: packed charts, rendered manifests, values. */
  configMaps: JsonObject[];
  create: JsonObject | undefined;
  delete: JsonObject | undefined;
  /** Whom its tasks ask for charts. */
  hosts: string[];
};

export type RenderedPatch = {
  /** Position in `spec.patches`, for messages. */
  index: number;
  target: TargetRef;
  type: PatchType;
  /** undefined: the patch rendered to nothing; its target is still waited for. */
  body: unknown;
  readinessGates?: { conditionType: string }[];
};

/** A patch of the trial's own Job: strategic, merged into it when it is built. */
export type JobPatch = { index: number; body: unknown };

/** Over which metrics are asked. RFC 3339 UTC with milliseconds; the start already moved by `startTimeOffset`. */
export type TrialWindow = { startTime: string; completionTime: string };
