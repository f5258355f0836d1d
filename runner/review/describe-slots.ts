import type { Settings } from '../definition/load-settings.ts';
import type { Experiment } from '../model/experiment.ts';
import { formatLabelSelector } from '../model/label-selector.ts';
import { slotNamespaceNames } from '../model/slot-namespace.ts';

/**
 * Where the repository has an experiment run, in words that change with every namespace that comes in: names, labels, or that it leaves it to the
 * installation, whose own list wins over that of the settings (slots/discover-slots.ts).
 */
export function describeSlots(
  { namespace, namespaceSelector, namespaceTemplate, replicas }: Experiment,
  { slots }: Pick<Settings, 'slots'>,
): string[] {
  const labels = namespaceSelector && formatLabelSelector(namespaceSelector);
  if (slots.length > 0) {
    const chosen = namespace === undefined ? slots : slots.filter((name) => name === namespace);
    return chosen.map((name) => (labels === undefined ? name : `${name} if it has ${labels}`));
  }
  if (namespace !== undefined) return [labels === undefined ? namespace : `${namespace} if it has ${labels}`];
  const made = namespaceTemplate === undefined ? [] : slotNamespaceNames(namespaceTemplate, replicas);
  if (labels !== undefined) return [`every one that has ${labels}`, ...made];
  return made.length > 0 ? made : ['those that the installation names'];
}
