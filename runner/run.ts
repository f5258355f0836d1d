import type { CheckedExperiment, InvalidExperiment } from './check-definitions.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './cluster/connect.ts';
import { SETTINGS_FILE, type Settings } from './definition/load-settings.ts';
import { experimentStarted } from './experiment-started.ts';
import { followDefinitions } from './follow-definitions.ts';
import type { Checkout } from './ledger/checkout.ts';
import type { OpenLedger } from './ledger/open-ledger.ts';
import type { MetricAccess } from './metrics/access/metric-access.ts';
import { InvalidInput, PreflightFailed, RecordFailed, formatProblem, type Problem } from './model/errors.ts';
import { planNext } from './plan/plan-next.ts';
import { preflight, type ReadySlots } from './preflight.ts';
import type { Emit } from './progress/events.ts';
import { readDefinitions } from './read-definitions.ts';
import type { ExperimentsApi } from './remote/experiments-api.ts';
import { openRemote } from './remote/open-remote.ts';
import { finishedFor } from './remote/remote-source.ts';
import { warnOfOwed } from './remote/warn-of-owed.ts';
import { requireRemote } from './require-remote.ts';
import { selectExperiments } from './select-experiments.ts';
import { dealTrials, type DealtExperiment } from './slots/deal-trials.ts';
import { findSlots } from './slots/find-slots.ts';
import type { LeaseTiming } from './slots/held-lease.ts';
import { holdExperiments, type HeldExperiment } from './slots/hold-experiments.ts';
import { holdSlots } from './slots/hold-slots.ts';
import { makeNamespaces } from './slots/make-namespaces.ts';
import type { NamespaceSettings } from './slots/plan-namespace.ts';
import { openLeases } from './slots/run-leases.ts';
import { trialsUnderWay, type TrialUnderWay } from './slots/trials-under-way.ts';
import type { Slot } from './slots/slot.ts';
import type { WorkDeps } from './slots/work-slot.ts';
import { workSlots, type SlotsEnd } from './slots/work-slots.ts';

export type RunOptions = {
  repository: string;
  /** The names to run; empty: all. */
  experiments: readonly string[];
  /** The installation's list of slots, which is also the ceiling. */
  slots: readonly string[] | undefined;
  /** `-n`: where experiments' Leases live (default: the connection's namespace), and the slot where nothing else names one. */
  namespace: string | undefined;
  /** The runner runs inside the cluster: its own namespace is never a slot. */
  inCluster: boolean;
  maxTrials: number | undefined;
  /** Milliseconds. */
  maxDuration: number | undefined;
  /** Stops after the preflight. */
  dryRun: boolean;
  image: string;
  timing: LeaseTiming;
  /** Milliseconds that pods may stay unschedulable. */
  unschedulableGrace: number;
  /** The hosts that metrics may ask, and what they are sent. */
  metricAccess: MetricAccess;
  namespaces: NamespaceSettings;
  runner: { version: string; run: string };
};

/** A new repository is no error: its first experiment may still be under review. */
const NO_EXPERIMENTS = 'no experiments found; expected experiments/<name>/experiment.yaml';

export type RunPorts = {
  clock: Clock;
  emit: Emit;
  checkout(signal: AbortSignal): Promise<Checkout>;
  openLedger(settings: Settings, checkout: Checkout, signal: AbortSignal): Promise<OpenLedger>;
  connect(signal: AbortSignal): Promise<Connection>;
  /** The Experiments API that the installation names, and for how many milliseconds a suggestion is waited for. */
  remote?: { api: ExperimentsApi; patience: number };
  /** Default: as the checkout has them. A rehearsal tries points of its own. */
  readDefinitions?: typeof readDefinitions;
  /** Answers metrics. Default: the source that a metric's type names is asked. */
  measure?: WorkDeps['measure'];
};

export type RunEnd = {
  experiments: CheckedExperiment[];
  /** What is wrong in the repository; the experiments concerned did not run. */
  problems: readonly Problem[];
  /** Experiments and slots that another runner holds, or has taken over. */
  held: string[];
  slots: SlotsEnd;
  /** Why experiments stopped while this run worked on them. */
  stopped: ReadonlyMap<string, { reason: string; message: string }>;
  ledger: Pick<OpenLedger, 'records' | 'branch'>;
};

/**
 * One life of the runner: reads one commit, finds what to try next, and works the slots until nothing is left, time is up, or the signal
 * aborts. An experiment whose definition changes meanwhile begins nothing more. Left of the slots nothing changes the cluster. Throws
 * InvalidInput or PreflightFailed when nothing could be begun, RecordFailed when that leaves results of an earlier run unpushed.
 */
export async function run(options: RunOptions, ports: RunPorts, signal: AbortSignal): Promise<RunEnd> {
  const { clock, emit } = ports;
  const endBefore = endOf(clock.now().getTime(), options.maxDuration);

  const checkout = await ports.checkout(signal);
  const { readDefinitions: read = readDefinitions, measure } = ports;
  const definitions = await read(checkout.files, options.image);
  requireSettings(definitions.problems);
  const { checked: experiments, invalid, problems } = selectExperiments(definitions, options.experiments);

  const ledger = await ports.openLedger(definitions.settings, checkout, signal);
  const connection = await ports.connect(signal);
  try {
    const { cluster, findResource } = connection;
    const namespace = options.namespace ?? connection.namespace;
    const everySlot = options.dryRun;
    const limits = { slots: options.slots ?? nonEmpty(definitions.settings.slots), namespace: options.namespace, everySlot };
    const found = await findSlots(experiments, limits, { cluster, own: options.inCluster ? namespace : undefined, clock }, signal);
    emit({
      type: 'run-started',
      ...options.runner,
      repository: options.repository,
      commit: checkout.commit,
      experiments: names(experiments),
      slots: found.all,
      ...(options.maxTrials !== undefined && { maxTrials: options.maxTrials }),
      ...(endBefore && { endBefore: endBefore.toISOString() }),
    });
    tellProblems(invalid, problems, emit);
    tellLegacy(experiments, emit);
    if (definitions.experiments === 0) emit({ type: 'notice', level: 'warning', message: NO_EXPERIMENTS });

    const remote = ports.remote && openRemote(ports.remote, { ledger, clock, emit }, signal);
    if (remote === undefined) warnOfOwed(ledger.remote, emit);
    const wanted = experiments.filter((each) => hasWork(each, ledger, options.runner.run, emit));
    const { work, refusal } = await requireRemote(wanted, ports.remote?.api, emit, signal);
    const nothing: RunEnd = {
      experiments,
      problems,
      held: [],
      slots: { ends: [], givenUp: [], unpushed: [], bugs: [] },
      stopped: new Map(),
      ledger,
    };
    // A dry run checks an installation, which may have no experiments yet.
    if (!options.dryRun && work.length === 0 && found.unfinished.length === 0) {
      if (refusal !== undefined) throw new PreflightFailed(refusal);
      await remote?.deliver();
      return nothing;
    }
    const { metricAccess, namespaces } = options;
    const checked = await preflight(
      work,
      found,
      { namespace, cluster, findResource, clock, ledger, emit, metricAccess, namespaces, everySlot },
      signal,
    );
    if (options.dryRun) {
      if (checked.refused.size === 0) emit({ type: 'notice', level: 'info', message: dryRunEnd(work, checked) });
      requireReady(checked, work.length === 0 ? refusal : undefined);
      return nothing;
    }

    const leases = openLeases(options.runner.run, { cluster, clock, emit, timing: options.timing });
    try {
      const held = await holdExperiments(work, { leases, emit, namespace }, signal);
      const heldExperiments = held.experiments.map(({ experiment }) => experiment);
      const ready = await makeNamespaces(checked, heldExperiments, { cluster, clock, emit }, signal);
      const taken = await holdSlots(ready, heldExperiments, { leases, emit }, signal);
      const underWay = await trialsUnderWay(taken.slots, found.all, { cluster, clock }, signal);
      if (taken.slots.length > 0) await begin(ledger, names(held.experiments), taken.slots, signal);

      const deals = held.experiments.map((each) => dealt(each, checkout.commit, ready.candidates));
      tellBeginning(deals, taken.slots, underWay, ledger, emit);
      const dealer = dealTrials(
        deals.map((each, index) => ({ ...each, ...(remote && { remote: remote.sourceOf(held.experiments[index]!) }) })),
        { underWay, slots: taken.slots.map(({ name }) => name) },
        { maxTrials: options.maxTrials, endBefore, run: options.runner.run },
        { records: ledger.records, changes: followDefinitions(work, { checkout, image: options.image, clock, emit }, signal), clock, emit },
      );
      const reported = { ...ledger, ...(remote && { submit: remote.submit }) };
      const slots = await workSlots(taken.slots, { ...options, ...dealer, cluster, clock, emit, ledger: reported, measure }, signal);
      await remote?.deliver();
      const takenOver = slots.givenUp.flatMap(({ slot, takenOver }) => (takenOver ? [slot] : []));
      return { ...nothing, held: [...held.elsewhere, ...taken.elsewhere, ...takenOver], slots, stopped: dealer.stopped() };
    } finally {
      await leases.giveBack();
    }
  } finally {
    await connection.close();
  }
}

/** Where records go and how long stages may take must be known before anything runs. */
function requireSettings(problems: readonly Problem[]): void {
  const inSettings = problems.filter(({ file }) => file === SETTINGS_FILE);
  if (inSettings.length > 0) throw new InvalidInput(inSettings);
}

/** A run records what the API server refuses, and does without a slot; whoever only asks is answered by the exit code. */
function requireReady({ refused, unmet }: ReadySlots, refusal: string | undefined): void {
  const lines = [...refused].map(([experiment, words]) => `the first trial of ${experiment} would fail: ${words.join('; ')}`);
  const all = [...(refusal === undefined ? [] : [refusal]), ...lines, ...unmet];
  if (all.length > 0) throw new PreflightFailed(all.join('\n'));
}

function dryRunEnd(work: readonly CheckedExperiment[], { candidates, usable, plans }: ReadySlots): string {
  if (work.length === 0) return `dry run: nothing was changed; there is no trial to run; the next ones could run in ${list(usable)}`;
  const served = work.filter(({ experiment }) => candidates.get(experiment.name)?.length);
  const created = plans.filter(({ namespace }) => namespace !== undefined).map(({ slot }) => slot);
  const first = created.length === 0 ? '' : `, and ${list(created)} would be created for it`;
  const where = usable.filter((slot) => served.some(({ experiment }) => candidates.get(experiment.name)?.includes(slot)));
  return `dry run: nothing was changed; ${list(names(served))} would run in ${list(where)}${first}`;
}

/** An invalid experiment with all that is wrong with it; what belongs to none as a warning each. */
function tellProblems(invalid: readonly InvalidExperiment[], problems: readonly Problem[], emit: Emit): void {
  const skipped = invalid.map(({ name, problems: own }) => ({ name, lines: own.map(formatProblem) }));
  for (const { name, lines } of skipped)
    emit({ type: 'experiment-skipped', experiment: name, reason: 'InvalidDefinition', message: lines.join('; ') });
  const others = problems.map(formatProblem).filter((line) => !skipped.some(({ lines }) => lines.includes(line)));
  for (const message of others) emit({ type: 'notice', level: 'warning', message });
}

/** What a file of an older product means here, where that is another thing. */
function tellLegacy(experiments: readonly CheckedExperiment[], emit: Emit): void {
  for (const { experiment, loaded } of experiments)
    for (const notice of loaded.notices)
      emit({ type: 'notice', level: 'info', experiment: experiment.name, message: formatProblem(notice) });
}

function hasWork({ experiment, digest, loaded }: CheckedExperiment, ledger: OpenLedger, run: string, emit: Emit): boolean {
  const { name } = experiment;
  const remoteFinished = finishedFor(experiment, ledger.remote.state(name).link);
  const remote = remoteFinished === undefined ? {} : { remoteFinished };
  const plan = planNext({ experiment, digest, queue: loaded.queue, records: ledger.records(name), pending: [], run, ...remote });
  if (!('stop' in plan)) return true;
  emit({ type: 'experiment-skipped', experiment: experiment.name, ...plan.stop });
  return false;
}

/**
 * A push on top of what was read: whatever another runner pushed meanwhile is known from here on. One that is refused leaves everything as
 * it was; where journals hold records it is told as what it is for those.
 */
async function begin(
  ledger: Pick<OpenLedger, 'begin'>,
  experiments: readonly string[],
  slots: readonly Slot[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await ledger.begin(experiments, signal);
  } catch (error) {
    const owed = slots.flatMap(({ journal }) => journal.current().owed.map(({ metadata }) => metadata.name));
    if (owed.length === 0 || !(error instanceof PreflightFailed)) throw error;
    throw new RecordFailed(`${owed.join(', ')} of an earlier run: ${error.message}`, { cause: error });
  }
}

function dealt(
  { experiment, digest, loaded, source, sample, lease }: HeldExperiment,
  commit: string,
  candidates: ReadonlyMap<string, readonly string[]>,
): DealtExperiment {
  return {
    source,
    digest,
    commit,
    queue: loaded.queue,
    slots: candidates.get(experiment.name) ?? [],
    timeouts: sample.timeouts,
    lost: lease.lost,
  };
}

function tellBeginning(
  deals: readonly DealtExperiment[],
  taken: readonly Slot[],
  underWay: readonly TrialUnderWay[],
  ledger: Pick<OpenLedger, 'records'>,
  emit: Emit,
): void {
  emit({ type: 'slots-taken', slots: taken.map(({ name }) => name) });
  for (const { source, digest, queue, slots } of deals) {
    const { experiment } = source;
    const records = ledger.records(experiment.name);
    const recorded = new Set(records.map(({ spec }) => spec.uid));
    const pending = underWay.filter(({ experiment: name, uid }) => name === experiment.name && !recorded.has(uid));
    const serving = taken.filter(({ name }) => slots.includes(name));
    emit(experimentStarted({ experiment, digest, queue, records, pending }, serving.length));
  }
}

function endOf(startedAt: number, maxDuration: number | undefined): Date | undefined {
  return maxDuration === undefined ? undefined : new Date(startedAt + maxDuration);
}

function list(all: readonly string[]): string {
  return all.join(', ') || 'none';
}

function names(experiments: readonly CheckedExperiment[]): string[] {
  return experiments.map(({ experiment }) => experiment.name);
}

function nonEmpty(list: readonly string[]): readonly string[] | undefined {
  return list.length > 0 ? list : undefined;
}
