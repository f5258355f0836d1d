import type { CheckedExperiment } from '../check-definitions.ts';
import { formatProblem } from '../model/errors.ts';
import { trialName } from '../model/names.ts';
import type { TrialRecord } from '../model/record.ts';
import { STAGES } from '../model/stage.ts';
import { refKey } from './wanted-objects.ts';
import type { UnknownFields } from './watch-trials.ts';

/**
 * What a trial says of its experiment, without its name, as another has the same to say. A value beyond a bound and what the
 * infrastructure did are no faults.
 */
export function faultsOf({ metadata: { name }, status }: TrialRecord, { isDisturbed }: { isDisturbed: boolean }): string[] {
  const { failure, setupDeletion } = status;
  const isFault = failure !== undefined && !failure.infrastructure && failure.reason !== 'MetricBound';
  // The record does not tell why a teardown failed, and a disturbed one may.
  const isDirty = setupDeletion?.status === 'Failed' && !isDisturbed;
  return [
    ...(isFault ? [`${failure.stage}: ${failure.reason}: ${failure.message}`] : []),
    ...(isDirty ? [`setup-delete: ${setupDeletion.reason}: ${setupDeletion.message}`] : []),
  ].map((fault) => fault.replaceAll(name, 'TRIAL'));
}

/**
 * What the preflight of a run says of the first trial's objects (try-first-trial.ts) and no trial's fault repeats: a trial ends at its first
 * fault, and the next object may have one too. Where a trial got past the object there is no fault: patches are tried one by one, and may
 * need each other.
 */
export function refusalFaults(
  refusals: readonly string[],
  experiment: string,
  records: readonly TrialRecord[],
  faults: readonly string[],
): { faults: string[]; notices: string[] } {
  const untold = refusals.map((words) => words.replaceAll(trialName(experiment, 0), 'TRIAL')).filter((words) => !isTold(words, faults));
  const { true: met = [], false: unmet = [] } = Object.groupBy(untold, (words) => `${isMet(words, records)}` as const);
  return {
    faults: unmet.map((words) => `preflight: ${words}`),
    notices: met.map((words) => `the preflight says that the first trial would fail, and it did not: ${words}`),
  };
}

/** After the name of the object come the words of the API server, which are the same in a trial. */
function isTold(words: string, faults: readonly string[]): boolean {
  const said = words.slice(words.indexOf(': ') + 2);
  return faults.some((fault) => fault.includes(said));
}

function isMet(words: string, records: readonly TrialRecord[]): boolean {
  const sent = STAGES.indexOf(words.startsWith('patches[') ? 'patch' : 'run');
  return records.some(({ status: { failure } }) => failure === undefined || STAGES.indexOf(failure.stage) > sent);
}

/** Fields that are sent in vain, at the place of the experiment from which they come. */
export function unknownFieldFaults({ ref, fields }: UnknownFields, { sample, loaded }: CheckedExperiment): string[] {
  const patch = sample.patches.find(({ target }) => refKey(target) === refKey(ref));
  return fields.map((field) => {
    const message = `${field} is dropped by Kubernetes without a word`;
    if (patch === undefined) return ref.kind === 'Job' ? `the trial template: Job: ${message}` : `${ref.kind} ${ref.name}: ${message}`;
    const place = loaded.locate(['spec', 'patches', patch.index, 'patch']);
    return formatProblem({ ...place, path: `spec.patches[${patch.index}].patch`, message: `${ref.kind} ${ref.name}: ${message}` });
  });
}
