import type { DraftValues } from './definition/draft.ts';
import type { Assignment, Experiment, ParameterValue } from './model/experiment.ts';
import { trialName } from './model/names.ts';
import type { Trial } from './model/trial.ts';
import { OPAQUE } from './template/opaque.ts';

/** A trial that never runs, for checks: `values` are what templates see of its assignments. */
export type Sample = { trial: Trial; values: SampleValues };

type SampleValues = Readonly<Record<string, ParameterValue | typeof OPAQUE>> | typeof OPAQUE;

/** Where a sample pretends to run; no cluster is asked. */
const SAMPLE_SLOT = 'sample-slot';

/** Of a valid experiment: the baseline where there is one, else the lowest or first values. */
export function sampleOf(experiment: Experiment): Sample {
  const assignments = experiment.parameters.map((parameter) => ({
    name: parameter.name,
    value: parameter.baseline ?? (parameter.type === 'categorical' ? (parameter.values[0] ?? '') : parameter.min),
  }));
  return { trial: sampleTrial(experiment, assignments), values: Object.fromEntries(assignments.map(({ name, value }) => [name, value])) };
}

/** Of what could be read of a definition: OPAQUE where it leaves a value open. */
export function sampleOfDraft(experiment: Experiment, values: DraftValues): Sample {
  const entries = Object.entries(values ?? {}).map(([name, value]) => [name, value ?? OPAQUE] as const);
  const assignments = entries.flatMap(([name, value]) => (value === OPAQUE ? [] : [{ name, value }]));
  return { trial: sampleTrial(experiment, assignments), values: values === undefined ? OPAQUE : Object.fromEntries(entries) };
}

/** Whether a rendering has every value that a template may ask for. */
export function areKnown(values: SampleValues): boolean {
  return values !== OPAQUE && Object.values(values).every((value) => value !== OPAQUE);
}

function sampleTrial(experiment: Experiment, assignments: Assignment[]): Trial {
  return {
    experiment: experiment.name,
    number: 1,
    name: trialName(experiment.name, 1),
    uid: '00000000-0000-4000-8000-000000000000',
    slot: experiment.namespace ?? SAMPLE_SLOT,
    assignments,
    source: { type: 'baseline' },
    definition: { commit: '', digest: '' },
    run: '',
  };
}
