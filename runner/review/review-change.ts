import { isDeepStrictEqual } from 'node:util';
import type { CheckedDefinitions, CheckedExperiment } from '../check-definitions.ts';
import { gitBlob } from '../definition/git-blob.ts';
import type { Settings } from '../definition/load-settings.ts';
import { touchesBy, type Touches } from '../lifecycle/describe-touches.ts';
import type { ApiKeys } from '../metrics/access/api-keys.ts';
import { formatProblem } from '../model/errors.ts';
import type { Assignment } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import { usualDuration } from '../plan/expected-duration.ts';
import { planNext } from '../plan/plan-next.ts';
import { trialsLeft } from '../plan/trials-left.ts';
import { describeSlots } from './describe-slots.ts';
import { experimentTouches } from './experiment-touches.ts';
import { firstTrial, trialText } from './first-trial.ts';
import { settingsChanges, type SettingChange } from './settings-changes.ts';
import { suggestionId } from './suggestion-id.ts';

/**
 * `NewGeneration`: what is measured is another, so its records count no more and its budget begins again. `Edited`: ranges, budgets or the
 * like, under which its records go on counting.
 */
export type Change = 'New' | 'NewGeneration' | 'Edited' | 'Unchanged';

export type ReviewedExperiment = {
  experiment: string;
  file: string;
  change: Change;
  /** How many trials may still run; absent: as many as the remote API hands out. */
  trials?: number;
  /** Why none will. */
  nothing?: { reason: string; message: string };
  /** Of one trial: the median of past ones, else the sum of the timeouts, which no trial exceeds. */
  seconds: { each: number; from: 'records' | 'timeouts' };
  /** How many run at once where there are slots for them. */
  parallel: number;
  first: { trial: string; source: string; assignments: Assignment[]; before: string | undefined; after: string };
  /** Files that it uses whose content is another: charts, manifests, templates, scripts. */
  files: string[];
  /** Suggestion files that were not there. */
  suggestions: string[];
  /** Where it runs, as far as the repository says it (describe-slots.ts). */
  slots: string[];
  /** Where it did not run before. */
  newSlots: string[];
  touches: Touches;
  /** What it did not touch before. */
  newTouches: Touches;
  /** What may touch more (experiment-touches.ts). */
  unseen: string[];
};

export type Review = {
  experiments: ReviewedExperiment[];
  invalid: { experiment: string; problems: string[] }[];
  removed: string[];
  settings: SettingChange[];
  /** What is wrong with suggestions and with files that belong to no experiment. */
  problems: string[];
};

/** What a change to a repository's definitions means for what will run. The same definitions and records give the same review. */
export async function reviewChange(
  before: CheckedDefinitions & { settings: Settings },
  after: CheckedDefinitions & { settings: Settings },
  records: (experiment: string) => readonly TrialRecord[],
  keys: ApiKeys,
): Promise<Review> {
  const old = new Map(before.checked.map((each) => [each.experiment.name, each]));
  const now = [...after.checked.map(({ experiment }) => experiment.name), ...after.invalid.map(({ name }) => name)];
  const own = after.invalid.flatMap(({ problems }) => problems.map(formatProblem));
  return {
    experiments: await Promise.all(
      after.checked.map(async (each) => {
        const { name } = each.experiment;
        const earlier = old.get(name);
        const slots = describeSlots(each.experiment, after.settings);
        const known = earlier === undefined ? [] : describeSlots(earlier.experiment, before.settings);
        const reviewed = await reviewExperiment(earlier, each, records(name), keys);
        return { ...reviewed, slots, newSlots: slots.filter((slot) => !known.includes(slot)) };
      }),
    ),
    invalid: after.invalid.map(({ name, problems }) => ({ experiment: name, problems: problems.map(formatProblem) })),
    settings: settingsChanges(before.settings, after.settings),
    removed: [...old.keys(), ...before.invalid.map(({ name }) => name)].filter((name) => !now.includes(name)),
    problems: after.problems.map(formatProblem).filter((line) => !own.includes(line)),
  };
}

async function reviewExperiment(
  before: CheckedExperiment | undefined,
  after: CheckedExperiment,
  records: readonly TrialRecord[],
  keys: ApiKeys,
): Promise<Omit<ReviewedExperiment, 'slots' | 'newSlots'>> {
  const { experiment, digest, loaded, sample } = after;
  const [first, firstBefore, files] = await Promise.all([
    firstTrial(after),
    before && firstTrial(before),
    before === undefined ? [] : changedFiles(before, after),
  ]);
  const input = { experiment, digest, queue: loaded.queue, records, pending: [] };
  const plan = planNext({ ...input, run: '' });
  const left = 'stop' in plan ? 0 : trialsLeft(input);
  const usual = usualDuration(records);
  const timeouts = Object.values(sample.timeouts).reduce((sum, timeout) => sum + timeout, 0);
  const change = changeOf(before, after);
  const earlier = new Set(before?.loaded.queue.map(suggestionId));
  const suggestions = loaded.queue.filter((each) => !earlier.has(suggestionId(each))).map(({ path }) => path);
  const { touches, unseen } = await experimentTouches(first, after, keys, before);
  const isSame = change === 'Unchanged' && suggestions.length === 0;
  const earlierTouches = isSame ? touches : firstBefore && before && (await experimentTouches(firstBefore, before, keys)).touches;
  return {
    experiment: experiment.name,
    file: experiment.file,
    change,
    ...(Number.isFinite(left) && { trials: left }),
    ...('stop' in plan && { nothing: plan.stop }),
    seconds: { each: (usual ?? timeouts) / 1000, from: usual === undefined ? 'timeouts' : 'records' },
    parallel: Math.max(1, experiment.replicas),
    first: {
      trial: first.trial.name,
      source: first.trial.source.type,
      assignments: first.trial.assignments,
      before: firstBefore && trialText(firstBefore),
      after: trialText(first),
    },
    files,
    suggestions,
    touches,
    newTouches: withoutThose(touches, earlierTouches),
    unseen,
  };
}

function changeOf(before: CheckedExperiment | undefined, after: CheckedExperiment): Change {
  if (before === undefined) return 'New';
  if (before.digest !== after.digest) return 'NewGeneration';
  return isDeepStrictEqual(before.experiment, after.experiment) ? 'Unchanged' : 'Edited';
}

async function changedFiles(before: CheckedExperiment, after: CheckedExperiment): Promise<string[]> {
  const paths = [...new Set([...before.loaded.usedFiles, ...after.loaded.usedFiles])].toSorted();
  const blobOf = async ({ loaded, source }: CheckedExperiment, path: string) =>
    loaded.usedFiles.includes(path) ? gitBlob(await source.files.read(path)) : undefined;
  const changed = await Promise.all(paths.map(async (path) => (await blobOf(before, path)) !== (await blobOf(after, path))));
  return paths.filter((_, index) => changed[index]);
}

function withoutThose(touches: Touches, others: Touches | undefined): Touches {
  return touchesBy((kind) => touches[kind].filter((item) => others?.[kind].includes(item) !== true));
}
