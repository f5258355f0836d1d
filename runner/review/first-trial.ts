import { dump } from 'js-yaml';
import type { CheckedExperiment } from '../check-definitions.ts';
import { renderTrial } from '../lifecycle/render-trial.ts';
import { trialName } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { planNext } from '../plan/plan-next.ts';

/**
 * The first trial of a definition's generation, rendered as if nothing had run yet: the baseline, or what is queued or suggested first. Names,
 * numbers and identities are the same for every definition, so that two of them differ by what somebody wrote.
 */
export async function firstTrial({ experiment, digest, loaded, source, sample }: CheckedExperiment): Promise<RenderedTrial> {
  const plan = planNext({ experiment, digest, queue: loaded.queue, records: [], pending: [], run: '' });
  if (!('next' in plan)) return sample;
  const { assignments, source: origin } = plan.next;
  return renderTrial({ ...sample.trial, assignments, source: origin, name: trialName(experiment.name, 1) }, source);
}

/** What a trial sends to the cluster and asks of metrics, as YAML documents; packed charts and files are left out. */
export function trialText({ setup, patches, job, metrics, restore }: RenderedTrial): string {
  const documents = [
    ...(setup?.create ? [`# setup-create\n${yaml(setup.create)}`] : []),
    ...patches.map(({ target, type, body }) => {
      const what = `# patch ${target.kind} ${target.name} (${type}${restore === 'never' ? '' : `, put back after each ${restore}`})\n`;
      return what + (body === undefined ? '# empty: nothing is sent, the target is waited for\n' : yaml(body));
    }),
    `# run\n${yaml(job)}`,
    ...metrics.map((metric) => `# metric ${metric.name}\n${yaml(metric)}`),
    ...(setup?.delete ? [`# setup-delete\n${yaml(setup.delete)}`] : []),
  ];
  return documents.join('---\n');
}

function yaml(value: unknown): string {
  return dump(JSON.parse(JSON.stringify(value)), { lineWidth: -1, noRefs: true });
}
