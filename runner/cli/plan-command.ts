import type { CheckedDefinitions, CheckedExperiment } from '../check-definitions.ts';
import { checkMetricAccess } from '../check-metric-access.ts';
import { renderTrial } from '../lifecycle/render-trial.ts';
import { setupOrders, type NamedOrder } from '../lifecycle/setup-orders.ts';
import type { MetricAccess } from '../metrics/access/metric-access.ts';
import { formatProblem, UsageError } from '../model/errors.ts';
import { trialName } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { planNext } from '../plan/plan-next.ts';
import { finishedFor } from '../remote/remote-source.ts';
import { describeSlots } from '../review/describe-slots.ts';
import { experimentTouches, type ExperimentTouches } from '../review/experiment-touches.ts';
import { formatReview } from '../review/format-review.ts';
import { reviewChange } from '../review/review-change.ts';
import { setupTexts } from '../review/setup-texts.ts';
import { toYaml } from '../review/to-yaml.ts';
import { selectExperiments } from '../select-experiments.ts';
import { EXIT } from './exit-code.ts';
import type { GitFlags } from './git-credentials.ts';
import type { CommandContext } from './command-context.ts';
import { readMetricAccess, type MetricFlags } from './metric-access.ts';
import { showCompanion } from './show-companion.ts';
import { readChange, readRepository, type ReadRepository } from './read-repository.ts';
import { defaultImage, readVersion } from './version.ts';

type PlanFlags = GitFlags & MetricFlags & { repository?: string; image?: string; base?: string; output?: 'yaml' | 'json' | 'markdown' };

/** `fieldtrial plan`: what would run next, rendered, and what it touches; as YAML whose comments are for people, or as JSON; with `--base` what a branch changes, as Markdown for its pull request. */
export async function planCommand(names: string[], flags: PlanFlags, context: CommandContext): Promise<number> {
  const image = flags.image ?? defaultImage(await readVersion());
  const { base, output = base === undefined ? 'yaml' : 'markdown' } = flags;
  if (base === undefined && output === 'markdown')
    throw new UsageError('-o markdown says what a change would run; name what it is compared with, such as --base origin/main');
  if (base !== undefined && output === 'yaml') throw new UsageError('--base gives markdown or json, not yaml');
  if (base === undefined)
    return readRepository(flags.repository, image, flags, context, (repository) => showPlan(names, flags, repository, context));
  return readChange(flags.repository, base, image, flags, context, (before, after) =>
    showReview({ before, after }, names, flags, context, output === 'json'),
  );
}

async function showReview(
  { before, after }: { before: CheckedDefinitions & Pick<ReadRepository, 'commit' | 'settings'>; after: ReadRepository },
  names: string[],
  flags: PlanFlags,
  context: CommandContext,
  asJson: boolean,
): Promise<number> {
  const access = await readMetricAccess(flags, context);
  const selected = selectExperiments(after, names);
  const others =
    names.length === 0
      ? before
      : { ...before, checked: before.checked.filter(({ experiment }) => names.includes(experiment.name)), invalid: [] };
  const review = await reviewChange(others, { ...selected, settings: after.settings }, after.records, access.keys);
  const commits = { base: before.commit, commit: after.commit };
  context.output.data(asJson ? JSON.stringify({ ...commits, ...review }, undefined, 2) : formatReview(review));
  return tellProblems(selected, access, context);
}

async function showPlan(names: string[], flags: PlanFlags, repository: ReadRepository, context: CommandContext): Promise<number> {
  const { output } = context;
  const access = await readMetricAccess(flags, context);
  const { checked, problems } = selectExperiments(repository, names);
  const plans = await Promise.all(checked.map((each) => planExperiment(each, repository, access)));
  if (flags.output === 'json') output.data(JSON.stringify(plans, undefined, 2));
  else for (const plan of plans) output.data(formatPlan(plan));
  return tellProblems({ checked, problems }, access, context);
}

/** What is wrong, and before it what a legacy file means here. */
function tellProblems(
  { checked, problems }: Pick<CheckedDefinitions, 'checked' | 'problems'>,
  access: MetricAccess,
  { output }: CommandContext,
): number {
  for (const notice of checked.flatMap(({ loaded }) => loaded.notices)) output.say(`note: ${formatProblem(notice)}`);
  const refused = checked.flatMap((each) => checkMetricAccess(each, nonEmpty(each.experiment.namespace), access));
  for (const problem of [...problems, ...refused]) output.say(formatProblem(problem));
  if (problems.length > 0) return EXIT.invalid;
  return refused.length > 0 ? EXIT.preflight : EXIT.done;
}

function nonEmpty(namespace: string | undefined): string[] {
  return namespace === undefined ? [] : [namespace];
}

type PlannedExperiment = {
  experiment: string;
  file: string;
  commit: string;
  digest: string;
  next: { trial: string; source: string; assignments: Record<string, number | string> } | { nothing: string; message: string };
  /** Where it runs, as far as the repository says it. */
  slots: string[];
  touches: ExperimentTouches['touches'];
  /** What may touch more. */
  unseen: ExperimentTouches['unseen'];
  /** `tasks`: what the built-in ones are told to do. */
  setup?: { tasks: NamedOrder[]; create: unknown; delete: unknown };
  patches: { target: string; type: string; body: unknown }[];
  job: unknown;
  /** What else the experiment's files hold; nobody but the user applies it. */
  companions: { name: string; object: unknown }[];
};

async function planExperiment(
  checked: CheckedExperiment,
  { commit, settings, records, remoteLink }: ReadRepository,
  { keys }: MetricAccess,
): Promise<PlannedExperiment> {
  const { experiment, digest, loaded, source, sample } = checked;
  const { name } = experiment;
  const remoteFinished = finishedFor(experiment, remoteLink(name));
  const remote = remoteFinished === undefined ? {} : { remoteFinished };
  const plan = planNext({ experiment, digest, queue: loaded.queue, records: records(name), pending: [], run: '', ...remote });
  const rendered = 'next' in plan ? await renderTrial(nextTrial(sample, plan.next, { commit, digest }), source) : sample;
  return {
    experiment: experiment.name,
    file: experiment.file,
    commit,
    digest,
    next:
      'next' in plan
        ? {
            trial: rendered.trial.name,
            source: plan.next.source.type,
            assignments: Object.fromEntries(plan.next.assignments.map(({ name, value }) => [name, value])),
          }
        : 'ask' in plan
          ? { nothing: 'RemoteSuggestion', message: 'the remote API says what is next once a slot is free' }
          : 'stop' in plan
            ? { nothing: plan.stop.reason, message: plan.stop.message }
            : { nothing: plan.wait, message: 'waits for running trials' },
    slots: describeSlots(experiment, settings),
    ...(await experimentTouches(rendered, checked, keys)),
    ...(rendered.setup && { setup: { tasks: setupOrders(rendered), create: rendered.setup.create, delete: rendered.setup.delete } }),
    patches: rendered.patches.map(({ target, type, body }) => ({ target: `${target.kind} ${target.name}`, type, body })),
    job: rendered.job,
    companions: loaded.companions.map(showCompanion),
  };
}

function nextTrial(
  { trial }: RenderedTrial,
  next: { number: number; assignments: typeof trial.assignments; source: typeof trial.source },
  definition: typeof trial.definition,
): typeof trial {
  return { ...trial, ...next, name: trialName(trial.experiment, next.number), definition };
}

function formatPlan({ experiment, file, next, slots, touches, unseen, setup, patches, job, companions }: PlannedExperiment): string {
  const heading =
    'nothing' in next
      ? `# ${experiment} (${file}): nothing to run: ${next.nothing}, ${next.message}; below, what a trial looks like`
      : `# ${experiment} (${file}): next is ${next.trial} (${next.source}) with ${Object.entries(next.assignments)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}`;
  const seldom = (what: string, names: string[]) => (names.length > 0 ? { [what]: names } : {});
  const uses = Object.entries({
    'namespaces it runs in': slots,
    'service accounts': touches.serviceAccounts,
    secrets: touches.secrets,
    images: touches.images,
    'patch targets': touches.patchTargets,
    ...seldom('setup makes', touches.setupObjects),
    ...seldom('paths of the node', touches.hostPaths),
    hosts: touches.hosts,
    ...seldom('namespaces that it makes if they are missing', touches.namespaces),
    ...seldom('not looked at', unseen),
  }).map(([what, which]) => `#   ${what}: ${which.join(', ').replaceAll(/\s+/g, ' ') || 'none'}`);
  const documents = [
    ...setupTexts(setup?.tasks ?? []),
    ...(setup?.create ? [`# setup-create\n${toYaml(setup.create)}`] : []),
    ...patches.map(
      ({ target, type, body }) =>
        `# patch ${target} (${type})\n${body === undefined ? '# empty: nothing is sent, the target is waited for\n' : toYaml(body)}`,
    ),
    `# run\n${toYaml(job)}`,
    ...(setup?.delete ? [`# setup-delete\n${toYaml(setup.delete)}`] : []),
    ...companions.map(({ name, object }) => `# beside the experiment, applied by nobody but you: ${name}\n${toYaml(object)}`),
  ];
  return [`---\n${heading}`, '# It touches', ...uses, documents.join('---\n')].join('\n');
}
