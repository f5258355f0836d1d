import type { CheckedExperiment } from '../check-definitions.ts';
import { formatProblem } from '../model/errors.ts';
import type { TrialRecord } from '../model/record.ts';
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
