import type { CheckedExperiment } from '../check-definitions.ts';
import { renderTrial } from '../lifecycle/render-trial.ts';
import { setupOrders } from '../lifecycle/setup-orders.ts';
import { trialName } from '../model/names.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { planNext } from '../plan/plan-next.ts';
import { setupTexts } from './setup-texts.ts';
import { toYaml } from './to-yaml.ts';

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

/** What a trial sends to the cluster and asks of metrics, as YAML documents; the files of charts and those that are mounted are left out. */
export function trialText(rendered: RenderedTrial): string {
  const { setup, patches, job, metrics, restore } = rendered;
  const documents = [
    ...setupTexts(setupOrders(rendered)),
    ...(setup?.create ? [`# setup-create\n${toYaml(setup.create)}`] : []),
    ...patches.map(({ target, type, body }) => {
      const what = `# patch ${target.kind} ${target.name} (${type}${restore === 'never' ? '' : `, put back after each ${restore}`})\n`;
      return what + (body === undefined ? '# empty: nothing is sent, the target is waited for\n' : toYaml(body));
    }),
    `# run\n${toYaml(job)}`,
    ...metrics.map((metric) => `# metric ${metric.name}\n${toYaml(metric)}`),
    ...(setup?.delete ? [`# setup-delete\n${toYaml(setup.delete)}`] : []),
  ];
  return documents.join('---\n');
}
