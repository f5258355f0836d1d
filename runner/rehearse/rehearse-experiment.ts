import { mkdir, mkdtemp } from 'node:fs/promises';
import { SERVED_KINDS } from '../../sandbox/served-kinds.ts';
import type { Sandbox } from '../../sandbox/server.ts';
import { startCluster } from '../../sandbox/start-cluster.ts';
import type { CheckedExperiment } from '../check-definitions.ts';
import { connectServer } from '../cluster/connect.ts';
import { DEFAULT_SETTINGS } from '../definition/load-settings.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { describeTouches, type Touches } from '../lifecycle/describe-touches.ts';
import { templateScope } from '../lifecycle/render-trial.ts';
import { OPEN_ACCESS, type MetricAccess } from '../metrics/access/metric-access.ts';
import type { Experiment, Parameter, Suggest } from '../model/experiment.ts';
import type { TrialRecord } from '../model/record.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { RunEvent } from '../progress/events.ts';
import type { ReadDefinitions } from '../read-definitions.ts';
import { run, type RunEnd } from '../run.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { bringChaos } from './chaos.ts';
import { countMissed } from './count-missed.ts';
import { faultsOf, refusalFaults, unknownFieldFaults } from './find-faults.ts';
import { findObjects } from './find-objects.ts';
import { generatedNames } from './generated-names.ts';
import { observeCluster } from './observe-cluster.ts';
import { missingKinds, prepareSlot } from './prepare-slot.ts';
import { rehearsalClock, type RehearsalClock } from './rehearsal-clock.ts';
import { rehearsalMeasure } from './rehearsal-measure.ts';
import { openScratchLedger } from './scratch-ledger.ts';
import { simulateContainers } from './simulate-containers.ts';
import { standInHelm } from './stand-in-helm.ts';
import { trialLog, type TrialLog } from './trial-logs.ts';
import { wantedKinds } from './wanted-objects.ts';
import { watchTrials, type Change, type TrialWatch } from './watch-trials.ts';

export type RehearsalOptions = {
  /** How many trials of each experiment, the baseline included. */
  trials: number;
  /** Files, folders and charts of the repository; empty: looked for in all of it. */
  manifests: readonly string[];
  /** What the simulated node offers to one pod. */
  node: { cpu?: string; memory?: string };
  /** The seed of what goes wrong; undefined: nothing does. */
  chaos: number | undefined;
  image: string;
  version: string;
};

export type RehearsalDeps = {
  /** The repository as it lies in its folder. */
  root: string;
  files: RepositoryFiles;
  /** For git. */
  environment: Readonly<Record<string, string | undefined>>;
  /** A folder that the caller removes. */
  workdir: string;
  helm: RunHelm | undefined;
  /** The folder of the charts that come with the runner. */
  ownCharts(): Promise<string>;
};

export type RehearsedTrial = { record: TrialRecord; changes: Change[] };

export type Rehearsal = {
  experiment: string;
  file: string;
  rendered: RenderedTrial;
  touches: Touches;
  trials: RehearsedTrial[];
  /** How many trials there were to be, and how many of them came to no result (count-missed.ts). */
  wanted: number;
  missed: number;
  /** What is wrong with the experiment. */
  problems: string[];
  /** What was made up, left out or taken for granted. */
  notices: string[];
  /** What went wrong on purpose, in order. */
  injected: string[];
};

/** A rehearsal of one experiment that takes longer waits for something that does not come. Real milliseconds. */
const LONGEST = 10 * 60_000;
/** The slot of an experiment that names none. */
const SLOT = 'rehearsal';
/** Of a working folder, which may differ from every commit. */
const NO_COMMIT = '0'.repeat(40);
/** After a disturbed run, or one that ended with a failed baseline, the next ones finish what it left. */
const MOST_RUNS = 4;

/**
 * An experiment's whole lifecycle on a sandbox of its own, by the unchanged run: manifests in the slot, setup, patches, Jobs, metrics and
 * records, on a clock that jumps over every wait. Throws what is no failure of a trial.
 */
export async function rehearseExperiment(
  checked: CheckedExperiment,
  options: RehearsalOptions,
  deps: RehearsalDeps,
  signal: AbortSignal,
): Promise<Rehearsal> {
  await mkdir(deps.workdir, { recursive: true });
  const workdir = await mkdtemp(`${deps.workdir}/rehearsal-`);
  const ending = new AbortController();
  const late = AbortSignal.timeout(LONGEST);
  const scoped = AbortSignal.any([signal, ending.signal, late]);
  const clock = rehearsalClock();
  const passing = clock.pass(scoped);
  try {
    return await rehearse(checked, options, { ...deps, workdir }, clock, scoped);
  } finally {
    ending.abort(new Error('the rehearsal is over'));
    await passing;
  }
}

async function rehearse(
  checked: CheckedExperiment,
  options: RehearsalOptions,
  deps: RehearsalDeps,
  clock: RehearsalClock,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const { sample } = checked;
  const { workdir, helm: realHelm } = deps;
  const experiment = rehearsedExperiment(checked.experiment, options.trials);
  const notices = new Set<string>();
  const note = (notice: string) => void notices.add(notice);

  const objects = await findObjects(checked, options.manifests, deps, signal);
  const kinds = missingKinds(
    [...wantedKinds(sample), ...objects.bySetup, ...objects.found.map(({ object }) => object)],
    SERVED_KINDS,
    objects.definitions,
  );
  for (const { kind, group, version } of kinds)
    note(`${kind} (${group}/${version}) is taken as it comes: the sandbox knows no fields of it`);

  const logs = new Map<string, TrialLog>();
  const sandbox: Sandbox = await startCluster({
    clock,
    kinds,
    kubelet: {
      ...(Object.keys(options.node).length > 0 && { capacity: { cpu: '64', memory: '256Gi', ...options.node } }),
      containers: simulateContainers({
        clock,
        store: () => sandbox.store,
        cluster: () => cluster,
        helm: () => helm,
        workdir,
        duration: durationOf(sample),
        logOf: (trial) => logs.get(trial)?.text ?? '',
        ownCharts: deps.ownCharts,
        skipped: (task, image) => note(`setup task ${task} (${image}) is not run: what it does is not there, and it ends well`),
        signal,
      }),
    },
  });
  const watch = watchTrials(note);
  const connection = connectServer(sandbox.url, { clock: clock.within });
  // A call stops the clock, and lets it go on while it waits to be repeated; a watch never stops it.
  const watching = connectServer(sandbox.url, { clock });
  const calls = { ...connection.cluster, watch: watching.cluster.watch };
  const cluster = observeCluster(calls, sandbox.store, clock, watch.witness);
  const helm = standInHelm({ cluster, helm: realHelm && ((args, scoped) => clock.during(() => realHelm(args, scoped))), note });
  const names = generatedNames(sandbox.store);
  const injected: string[] = [];
  let endChaos: (() => void) | undefined;
  try {
    const labels = checked.experiment.namespaceSelector?.matchLabels ?? {};
    const prepared = prepareSlot(sample, { ...objects, namespace: experiment.namespace, labels }, sandbox.store);
    const ledger = await openScratchLedger({ ...deps, ...SCRATCH, version: options.version }, clock, signal);
    const begin = (life: number, lived: Experiment) =>
      run(
        {
          repository: deps.root,
          experiments: [experiment.name],
          slots: [experiment.namespace],
          namespace: 'default',
          inCluster: false,
          maxTrials: undefined,
          maxDuration: undefined,
          dryRun: false,
          image: options.image,
          timing: options.chaos === undefined ? UNDISTURBED : { duration: 60_000, renewal: 10_000 },
          unschedulableGrace: 60_000,
          metricAccess: REHEARSAL_ACCESS,
          namespaces: { labels: {} },
          runner: { version: options.version, run: `rehearsal-${life}` },
        },
        {
          clock,
          emit(event) {
            watch.hear(event);
            if (event.type !== 'trial-started') return;
            logs.set(event.trial, logFor(experiment, event));
            if (options.chaos !== undefined && life === 1)
              endChaos ??= bringChaos(options.chaos, {
                ...sandbox,
                clock,
                namespace: experiment.namespace,
                tell: (what) => void injected.push(what),
              });
          },
          checkout: async () => workingFolder(deps.files),
          openLedger: async () => ledger,
          connect: async () => ({ ...connection, cluster, close: async () => undefined }),
          readDefinitions: async () => onlyThis(checked, lived, clock),
          measure: rehearsalMeasure({
            note,
            isLogged: (metric, trial) => logs.get(trial)?.metrics.some(({ name }) => name === metric.name) ?? false,
          }),
        },
        signal,
      );

    let lived: Experiment = experiment;
    let end = await begin(1, lived);
    endChaos?.();
    for (let life = 2; life <= MOST_RUNS && end.slots.bugs.length === 0; life += 1) {
      const isCutShort = end.stopped.get(experiment.name)?.reason === 'BaselineFailed';
      if (!isCutShort && (options.chaos === undefined || !isUnfinished(end, watch, experiment.name))) break;
      if (isCutShort) lived = withoutBaseline(experiment);
      end = await begin(life, lived);
    }

    const [bug] = end.slots.bugs;
    if (bug !== undefined) throw bug;
    const records = ledger.records(experiment.name);
    const lost = watch.begun().filter((trial) => !records.some(({ metadata }) => metadata.name === trial));
    const faults = records.flatMap((record) => faultsOf(record, { isDisturbed: options.chaos !== undefined }));
    const refused = refusalFaults(watch.refusals(), experiment.name, records, faults);
    const problems = [
      ...objects.problems,
      ...prepared.problems,
      ...watch.unknownFields().flatMap((each) => unknownFieldFaults(each, checked)),
      ...faults,
      ...refused.faults,
      ...lost.map((trial) => `${trial} was begun and left no record`),
    ];
    return {
      experiment: experiment.name,
      file: experiment.file,
      rendered: sample,
      touches: describeTouches(sample, checked.experiment, REHEARSAL_ACCESS.keys),
      trials: records.map((record) => ({ record: tidied(record, names.tidy), changes: watch.changes(record.metadata.name) })),
      ...countMissed(records, { trials: options.trials, isExhausted: watch.isExhausted() }),
      problems: [...new Set(problems.map(names.tidy))],
      notices: [...new Set([...objects.notices, ...prepared.notices, ...notices, ...refused.notices].map(names.tidy))],
      injected,
    };
  } finally {
    endChaos?.();
    names.stop();
    await Promise.all([connection.close(), watching.close()]);
    await sandbox.close();
  }
}

/** Nobody is asked, so that no key of the installation is needed. */
const REHEARSAL_ACCESS: MetricAccess = {
  ...OPEN_ACCESS,
  keys: { datadog: { apiKey: 'none', appKey: 'none' }, newrelic: { apiKey: 'none', accountId: '1' } },
};

const SCRATCH = { author: { name: 'rehearsal', email: 'rehearsal@localhost' }, run: 'rehearsal' };
/** Nobody else is there who could want the Leases. */
const UNDISTURBED = { duration: 24 * 3_600_000, renewal: 4 * 3_600_000 };

/**
 * The baseline where there is one, then what is queued, then what the experiment's own source or chance suggests, so many in all and one
 * after the other; a paused experiment too, and none stops on its failure policy.
 */
function rehearsedExperiment({ namespaceSelector: _, ...experiment }: Experiment, trials: number): Experiment & { namespace: string } {
  const { suggest } = experiment;
  const points: Suggest =
    suggest.source === 'grid' || suggest.source === 'random'
      ? { ...suggest, budget: trials }
      : { source: 'random', budget: trials, seed: 1 };
  return { ...experiment, namespace: experiment.namespace ?? SLOT, replicas: 1, failurePolicy: {}, suggest: points };
}

/** What is left to be tried once the baseline has failed, which ends an experiment: other points may meet other faults. */
function withoutBaseline({ parameters, ...experiment }: Experiment): Experiment {
  return { ...experiment, parameters: parameters.map(({ baseline: _, ...parameter }) => parameter as Parameter) };
}

/** Long enough for a window that can be measured, and short enough that a disturbed trial may still end in time. */
function durationOf({ startTimeOffset, timeouts }: RenderedTrial): number {
  return startTimeOffset + Math.max(1000, Math.min(60_000, (timeouts.run - startTimeOffset) / 4));
}

function workingFolder(files: RepositoryFiles) {
  const unchanged = { files, commit: NO_COMMIT };
  return { ...unchanged, branch: 'main', refresh: async () => ({ ...unchanged, changed: false }) };
}

/** This experiment and nothing else; reading its files takes no time of the rehearsal. */
function onlyThis(checked: CheckedExperiment, experiment: Experiment, clock: RehearsalClock): ReadDefinitions {
  const { files } = checked.source;
  const still: RepositoryFiles = {
    list: (path) => clock.during(() => files.list(path)),
    read: (path) => clock.during(() => files.read(path)),
  };
  const source = { ...checked.source, experiment, files: still };
  return { checked: [{ ...checked, experiment, source }], invalid: [], problems: [], settings: DEFAULT_SETTINGS, experiments: 1 };
}

function logFor({ name, metrics }: Experiment, { trial, slot, assignments }: Extract<RunEvent, { type: 'trial-started' }>): TrialLog {
  const number = Number(trial.slice(name.length + 1));
  const values = Object.entries(assignments).map(([parameter, value]) => ({ name: parameter, value }));
  return trialLog(metrics, templateScope({ name: trial, slot, number, experiment: name, assignments: values }));
}

function isUnfinished({ slots, stopped, ledger }: RunEnd, watch: TrialWatch, experiment: string): boolean {
  const recorded = ledger.records(experiment).map(({ metadata }) => metadata.name);
  return (
    watch.begun().some((trial) => !recorded.includes(trial)) ||
    slots.ends.length === 0 ||
    stopped.get(experiment)?.reason === 'InfrastructureFailures' ||
    slots.ends.some(({ end }) => end === 'Quarantined')
  );
}

function tidied(record: TrialRecord, tidy: (text: string) => string): TrialRecord {
  const { failure } = record.status;
  return failure === undefined
    ? record
    : { ...record, status: { ...record.status, failure: { ...failure, message: tidy(failure.message) } } };
}
