import { clockDifference, clockProblem, versionProblem } from './assess-server.ts';
import type { CheckedExperiment } from './check-definitions.ts';
import { checkMetricAccess } from './check-metric-access.ts';
import type { Clock } from './clock.ts';
import { missingAccess, type AccessRule } from './cluster/access.ts';
import { formatRules } from './cluster/format-rules.ts';
import type { FindResource } from './cluster/kinds.ts';
import type { Cluster } from './cluster/port.ts';
import { explainMissing, type Lacking } from './explain-missing.ts';
import type { OpenLedger } from './ledger/open-ledger.ts';
import type { MetricAccess } from './metrics/access/metric-access.ts';
import { formatProblem, PreflightFailed } from './model/errors.ts';
import type { Emit, PreflightSlot } from './progress/events.ts';
import type { FoundSlots } from './slots/find-slots.ts';
import { isSelected, planNamespace, type NamespacePlan, type NamespaceSettings, type PlannedNamespace } from './slots/plan-namespace.ts';
import {
  BASIC_ACCESS,
  lookAccess,
  OWN_ACCESS,
  requiredAccess,
  SELECTOR_ACCESS,
  type GuessedAccess,
  type RequiredAccess,
} from './slots/required-access.ts';
import { tryFirstTrial } from './try-first-trial.ts';

export type ReadySlots = FoundSlots & {
  usable: string[];
  /** What is to be done before some of those are slots. */
  plans: NamespacePlan[];
  /** Experiments whose first trial the API server would refuse wherever it was tried, and its words. */
  refused: ReadonlyMap<string, string[]>;
  /** Where every slot matters: what keeps some from being used and has to be changed, a sentence each, permissions as Roles. */
  unmet: readonly string[];
};

type Deps = {
  namespace: string;
  cluster: Pick<Cluster, 'create' | 'read' | 'patch' | 'version' | 'time'>;
  findResource: FindResource;
  clock: Pick<Clock, 'now'>;
  ledger: Pick<OpenLedger, 'checkPush' | 'branch'>;
  emit: Emit;
  metricAccess: MetricAccess;
  namespaces: NamespaceSettings;
  /**
   * An installation is checked, whether or not there is work: each of its slots has to grant what every trial takes, and what is missing
   * in some is told in full, as `unmet`, also where others are left.
   */
  everySlot: boolean;
};

/**
 * Proves, before hours are spent, that metrics may be asked, that we may push, that the cluster is new enough, that our own namespace lets us
 * keep Leases and that each slot grants every verb the work needs. An experiment or a slot for which that is not so is left out; throws
 * PreflightFailed when none is left, with all that is missing: permissions as Roles to apply. A namespace that is to be made counts as a slot
 * where making it is allowed. What a dry run of the first trial's objects meets, and clocks that differ, are warnings: a trial that the API
 * server refuses fails at once, and its record tells everybody why. With `everySlot` there need be no work, and what keeps any slot from
 * being used comes back as `unmet`.
 */
export async function preflight(
  wanted: readonly CheckedExperiment[],
  found: FoundSlots,
  deps: Deps,
  signal: AbortSignal,
): Promise<ReadySlots> {
  const { cluster, ledger, emit, namespace, everySlot } = deps;
  const { work, slots } = leaveUnmeasurable(wanted, withPromises(found, deps), deps);
  await ledger.checkPush(signal);
  const server = await assessServer(deps, signal);

  for (const { slot, reason, message } of slots.left) emit({ type: 'slot-skipped', slot, reason, message });
  const own = work.length === 0 && !everySlot ? [] : await missingAccess(cluster, namespace, OWN_ACCESS, signal);
  const wantedAccess = await readAccess(work, deps, signal);
  const needed = neededSlots(work, slots);
  const toCheck = everySlot ? slots.all.filter((slot) => needed.includes(slot) || isStanding(slot, slots)) : needed;
  const checked = await Promise.all(toCheck.map(async (slot) => checkSlot(slot, wantedAccess, slots, deps, signal)));
  emit({
    type: 'preflight-finished',
    branch: ledger.branch,
    ...server,
    slots: checked.map(({ missing, grantsNothing: _, planned: __, unsure: ___, ...rest }) => ({ ...rest, missing: formatRules(missing) })),
  });
  tellUnsure(checked, emit);
  const unusable = checked.filter((each) => !isUsable(each));
  const unlisted = work.map(({ experiment }) => experiment.name).filter((name) => slots.unlisted.includes(name));
  const usable = checked.filter(isUsable).map(({ slot }) => slot);
  const tellUnmet = () => describeUnmet({ own, unusable, unlisted, left: everySlot ? slots.left : [] }, deps, signal);
  const noneServes = !usable.some((slot) => needed.includes(slot)) && (work.length > 0 || slots.unfinished.length > 0);
  if (own.length > 0 || noneServes) {
    const isExplained = own.length + unlisted.length > 0 || unusable.some(({ slot }) => needed.includes(slot));
    const why = isExplained ? [] : noSlotLeft(work, slots);
    throw new PreflightFailed([...new Set([...why, ...(await tellUnmet())])].join('\n'));
  }
  for (const each of unusable) emit({ type: 'slot-skipped', slot: each.slot, ...whyUnusable(each) });
  for (const { slot, trials } of checked)
    for (const { experiment, refused: words } of trials)
      for (const each of words)
        emit({ type: 'notice', level: 'warning', experiment, slot, message: `the first trial would fail: ${each}` });

  const plans = checked.filter(isUsable).flatMap(({ planned }) => planned?.plan ?? []);
  const candidates = new Map(
    work.map(({ experiment }) => {
      const names = slots.candidates.get(experiment.name) ?? [];
      return [experiment.name, names.filter((slot) => usable.includes(slot) && mayServe(slot, experiment, plans))];
    }),
  );
  for (const { experiment } of work) {
    if (candidates.get(experiment.name)?.length) continue;
    const message = unlisted.includes(experiment.name) ? CANNOT_LOOK : 'no namespace is left that could be its slot';
    emit({ type: 'experiment-skipped', experiment: experiment.name, reason: 'NoSlot', message });
  }
  return { ...slots, candidates, usable, plans, refused: refusedEverywhere(checked), unmet: everySlot ? await tellUnmet() : [] };
}

/** What keeps slots from being used that somebody has to change, a sentence each; permissions last, as Roles. */
async function describeUnmet(
  {
    own,
    unusable,
    unlisted,
    left,
  }: { own: AccessRule[]; unusable: readonly CheckedSlot[]; unlisted: readonly string[]; left: FoundSlots['left'] },
  { cluster, namespace, namespaces }: Pick<Deps, 'cluster' | 'namespace' | 'namespaces'>,
  signal: AbortSignal,
): Promise<string[]> {
  const [toCreate, others] = [true, false].map((isNew) =>
    unusable.filter(({ missing, create }) => missing.length > 0 && (create !== undefined) === isNew),
  ) as [CheckedSlot[], CheckedSlot[]];
  const lacking: Lacking[] = [
    ...(own.length > 0 ? [{ where: namespace, namespace, missing: own, grantsNothing: false }] : []),
    ...others.map(({ slot, missing, grantsNothing }) => ({ where: slot, namespace: slot, missing, grantsNothing })),
    // No Role can be put into a namespace that does not exist.
    ...(toCreate.length > 0 ? [{ ...inWholeCluster(toCreate), namespace, grantsNothing: false }] : []),
    ...(unlisted.length > 0 ? [{ ...toFindSlots(unlisted), namespace, grantsNothing: false }] : []),
  ];
  // Where runs make namespaces, one that is missing waits for an experiment whose template makes it.
  const absent = namespaces.slotRole === undefined ? left.filter(({ reason }) => reason === 'NamespaceMissing') : [];
  const refusals = unusable.flatMap(({ slot, create }) => (create?.refused === undefined ? [] : [cannotCreate(slot, create)]));
  const roles = lacking.length > 0 ? [await explainMissing(lacking, cluster, signal)] : [];
  return [...absent.map(({ message }) => message), ...refusals, ...roles];
}

const CANNOT_LOOK =
  `the runner may not look for what its namespaceSelector selects; grant it a ClusterRole with: ${formatRules(SELECTOR_ACCESS).join('; ')}; ` +
  'or name the slots, such as --slots shop-1,shop-2';

/** Throws PreflightFailed for a cluster that is too old. */
async function assessServer(
  { cluster, clock, emit }: Pick<Deps, 'cluster' | 'clock' | 'emit'>,
  signal: AbortSignal,
): Promise<{ server: string; clockSeconds?: number }> {
  const server = await cluster.version(signal);
  const problem = versionProblem(server);
  if (problem !== undefined) throw new PreflightFailed(problem);
  const asked = clock.now();
  const time = await cluster.time(signal);
  if (time === undefined) return { server };
  const clockSeconds = clockDifference(asked, time, clock.now());
  const warning = clockProblem(clockSeconds);
  if (warning !== undefined) emit({ type: 'notice', level: 'warning', message: warning });
  return { server, clockSeconds };
}

type CheckedSlot = Omit<PreflightSlot, 'missing'> & {
  missing: AccessRule[];
  grantsNothing: boolean;
  planned?: PlannedNamespace;
  unsure: GuessedAccess[];
};

async function checkSlot(
  slot: string,
  work: readonly WithAccess[],
  slots: FoundSlots,
  { cluster, namespaces, everySlot }: Pick<Deps, 'cluster' | 'namespaces' | 'everySlot'>,
  signal: AbortSignal,
): Promise<CheckedSlot> {
  const [first, ...others] = servedBy(slot, work, slots);
  const exists = !slots.missing.includes(slot);
  const isMade = slots.made.includes(slot) || !exists;
  const rules = everySlot && first === undefined ? [...BASIC_ACCESS] : slotRules(slot, work, slots);
  const planned =
    isMade && first ? await planNamespace(slot, [first, ...others], { exists, rules }, namespaces, cluster, signal) : undefined;
  // A request was refused, so no review need be asked; taken on trust, trials would run where the experiment does not want them.
  const hidden = rulesToSee(slot, work, slots);
  const missing = [...hidden, ...(planned?.missing ?? (await missingAccess(cluster, slot, rules, signal)))];
  const grantsNothing = missing.length === hidden.length + rules.length;
  // What is bound there later cannot be asked now.
  const unsure = planned === undefined ? await missingGuesses(slot, work, slots, cluster, signal) : [];
  const checked = { slot, missing, grantsNothing, unsure, ...(planned && { planned }) };
  if (planned !== undefined && !exists) {
    const { plan, refused } = planned;
    const create = { experiment: plan.experiment, ...(refused !== undefined && { refused }) };
    return { ...checked, create, untried: 'the namespace does not exist yet', trials: [] };
  }
  if (missing.length > 0) return { ...checked, untried: 'permissions are missing', trials: [] };
  if (planned?.plan.slotRole !== undefined) return { ...checked, untried: 'the run binds its permissions first', trials: [] };
  // A trial there counts in the slot's quota, and may be what a patch meets.
  const isBusy = slots.unfinished.includes(slot) || Boolean(slots.seen.get(slot)?.lease?.spec?.holderIdentity);
  if (isBusy) return { ...checked, untried: 'a trial is under way', trials: [] };
  const tried = servedBy(slot, work, slots).map(async (each) => ({
    experiment: each.experiment.name,
    ...(await tryFirstTrial(each, slot, cluster, signal)),
  }));
  return { ...checked, trials: await Promise.all(tried) };
}

function isUsable({ missing, create }: CheckedSlot): boolean {
  return missing.length === 0 && create?.refused === undefined;
}

function whyUnusable({ slot, missing, create }: CheckedSlot): { reason: string; message: string } {
  if (create?.refused !== undefined) return { reason: 'NamespaceRefused', message: cannotCreate(slot, create) };
  const rules = formatRules(missing).join('; ');
  if (create === undefined) return { reason: 'MissingPermissions', message: `permissions are missing: ${rules}` };
  const message = `namespace "${slot}" does not exist; to create it the runner needs a ClusterRole with: ${rules}`;
  return { reason: 'MissingPermissions', message };
}

function inWholeCluster(toCreate: readonly CheckedSlot[]): Pick<Lacking, 'where' | 'missing'> {
  const names = toCreate.map(({ slot }) => slot).join(', ');
  return { where: `the whole cluster (to create ${names})`, missing: toCreate.flatMap(({ missing }) => missing) };
}

function toFindSlots(unlisted: readonly string[]): Pick<Lacking, 'where' | 'missing'> {
  return {
    where: `the whole cluster (to find what the namespaceSelector of ${unlisted.join(', ')} selects)`,
    missing: [...SELECTOR_ACCESS],
  };
}

function cannotCreate(slot: string, { experiment, refused = '' }: NonNullable<PreflightSlot['create']>): string {
  return `namespace "${slot}" cannot be made from the namespaceTemplate of ${experiment}: ${refused}`;
}

/** A namespace that is made from another experiment's template has that one's labels. */
function mayServe(slot: string, experiment: CheckedExperiment['experiment'], plans: readonly NamespacePlan[]): boolean {
  const { namespace } = plans.find((plan) => plan.slot === slot) ?? {};
  return namespace === undefined || isSelected(namespace, experiment);
}

function refusedEverywhere(checked: readonly CheckedSlot[]): Map<string, string[]> {
  const byExperiment = Map.groupBy(
    checked.flatMap(({ trials }) => trials),
    ({ experiment }) => experiment,
  );
  const hopeless = [...byExperiment].filter(([, trials]) => trials.every(({ refused }) => refused.length > 0));
  return new Map(hopeless.map(([experiment, trials]) => [experiment, [...new Set(trials.flatMap(({ refused }) => refused))]]));
}

/** What is left of the work, and its slots, without the experiments whose metrics could not be asked. */
function leaveUnmeasurable(
  wanted: readonly CheckedExperiment[],
  found: FoundSlots,
  { emit, metricAccess }: Deps,
): { work: readonly CheckedExperiment[]; slots: FoundSlots } {
  const refused = new Map(
    wanted.flatMap((each): [string, string[]][] => {
      const problems = checkMetricAccess(each, found.candidates.get(each.experiment.name) ?? [], metricAccess).map(formatProblem);
      return problems.length === 0 ? [] : [[each.experiment.name, problems]];
    }),
  );
  if (refused.size > 0 && refused.size === wanted.length) throw new PreflightFailed([...refused.values()].flat().join('\n'));
  for (const [experiment, problems] of refused)
    emit({ type: 'experiment-skipped', experiment, reason: 'MetricAccess', message: problems.join('; ') });
  const candidates = new Map([...found.candidates].filter(([name]) => !refused.has(name)));
  return { work: wanted.filter(({ experiment }) => !refused.has(experiment.name)), slots: { ...found, candidates } };
}

/** The slots that some work may use, and those that hold something unfinished, whoever wanted it. */
function neededSlots(work: readonly CheckedExperiment[], { all, candidates, left, unfinished }: FoundSlots): string[] {
  const wanted = new Set(work.flatMap(({ experiment }) => candidates.get(experiment.name) ?? []));
  return all.filter((slot) => (wanted.has(slot) || unfinished.includes(slot)) && !left.some((each) => each.slot === slot));
}

/** What runs make they bind when an experiment wants it; before that nothing need be granted there. */
function isStanding(slot: string, { left, missing, made }: FoundSlots): boolean {
  return !missing.includes(slot) && !made.includes(slot) && !left.some((each) => each.slot === slot);
}

/** Where runs make namespaces nobody else has to create one. */
function withPromises(found: FoundSlots, { namespaces }: Pick<Deps, 'namespaces'>): FoundSlots {
  if (namespaces.slotRole === undefined) return found;
  const left = found.left.map((each) =>
    each.reason === 'NamespaceMissing'
      ? { ...each, message: `namespace "${each.slot}" does not exist; a run makes it when a namespaceTemplate asks for it` }
      : each,
  );
  return { ...found, left };
}

type WithAccess = CheckedExperiment & { access: RequiredAccess };

async function readAccess(
  work: readonly CheckedExperiment[],
  { findResource }: Pick<Deps, 'findResource'>,
  signal: AbortSignal,
): Promise<WithAccess[]> {
  const withAccess: WithAccess[] = [];
  // One after another: what was discovered for the first need not be asked for the next.
  for (const each of work) withAccess.push({ ...each, access: await requiredAccess(each.sample, findResource, signal) });
  return withAccess;
}

function slotRules(slot: string, work: readonly WithAccess[], slots: FoundSlots): AccessRule[] {
  return servedBy(slot, work, slots).flatMap(({ access }) => access.rules);
}

/** Of what the cluster does not know how it is named, what would not be granted under its probable name. */
async function missingGuesses(
  slot: string,
  work: readonly WithAccess[],
  slots: FoundSlots,
  cluster: Pick<Cluster, 'create'>,
  signal: AbortSignal,
): Promise<GuessedAccess[]> {
  const guesses = servedBy(slot, work, slots).flatMap(({ access }) => access.guesses);
  const asked = guesses.map(async ({ rules, why }) => ({ rules: await missingAccess(cluster, slot, rules, signal), why }));
  return (await Promise.all(asked)).filter(({ rules }) => rules.length > 0);
}

function tellUnsure(checked: readonly CheckedSlot[], emit: Emit): void {
  const unsure = checked.flatMap((each) =>
    each.unsure.map(({ rules, why }) => ({ slot: each.slot, words: formatRules(rules).join('; '), why })),
  );
  for (const alike of Map.groupBy(unsure, ({ words, why }) => `${words} ${why}`).values()) {
    const { words, why } = alike[0]!;
    const where = [...new Set(alike.map(({ slot }) => slot))].join(', ');
    const message = `permissions may be missing in ${where}: ${words}; the name is a guess: ${why}`;
    emit({ type: 'notice', level: 'warning', message });
  }
}

/** Of the experiments that would run here if they could see that it fits them. */
function rulesToSee(slot: string, work: readonly CheckedExperiment[], slots: FoundSlots): AccessRule[] {
  const rules = servedBy(slot, work, slots).flatMap(({ experiment }) =>
    slots.unseen.get(experiment.name)?.includes(slot) ? [lookAccess(experiment)] : [],
  );
  return [...new Map(rules.map((rule) => [rule.clusterWide === true, rule])).values()];
}

function servedBy<Each extends CheckedExperiment>(slot: string, work: readonly Each[], { candidates }: FoundSlots): Each[] {
  return work.filter(({ experiment }) => candidates.get(experiment.name)?.includes(slot));
}

function noSlotLeft(work: readonly CheckedExperiment[], { left }: FoundSlots): string[] {
  if (left.length > 0) return left.map(({ message }) => message);
  const names = work.map(({ experiment }) => `"${experiment.name}"`).join(', ');
  return [`no namespace can be a slot for ${names}; give --slots, -n, or a namespaceSelector that matches a namespace`];
}
