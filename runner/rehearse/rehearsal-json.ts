import { diffObjects } from './diff-objects.ts';
import type { RehearsedTrial } from './rehearse-experiment.ts';
import type { Rehearsals } from './rehearse.ts';

/** The report for programs: the same as the Markdown says, as plain data. */
export function rehearsalJson({ rehearsals, problems }: Rehearsals) {
  return {
    problems,
    experiments: rehearsals.map(({ experiment, file, touches, trials, ...rest }) => ({
      name: experiment,
      file,
      problems: rest.problems,
      trials: trials.map(trialJson),
      wanted: rest.wanted,
      missed: rest.missed,
      touches,
      notices: rest.notices,
      injected: rest.injected,
    })),
  };
}

function trialJson({ record: { metadata, spec, status }, changes }: RehearsedTrial) {
  const { failure } = status;
  return {
    name: metadata.name,
    source: spec.source.type,
    assignments: Object.fromEntries(spec.assignments.map(({ name, value }) => [name, value])),
    phase: status.phase,
    ...(failure && {
      failure: { stage: failure.stage, reason: failure.reason, message: failure.message, infrastructure: failure.infrastructure },
    }),
    values: Object.fromEntries(status.values.map(({ name, value }) => [name, value])),
    changes: changes.map(({ ref, before, after }) => ({
      target: `${ref.kind} ${ref.name}`,
      // What a Secret holds is never shown.
      ...(ref.kind !== 'Secret' && { diff: diffObjects(before, after) ?? '' }),
    })),
  };
}
