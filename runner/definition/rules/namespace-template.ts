import { formatLabelSelector, matchesLabels } from '../../model/label-selector.ts';
import { isDnsLabel } from '../../model/names.ts';
import { slotNamespaceLabels } from '../../model/slot-namespace.ts';
import { normalizeNamespaceTemplate } from '../normalize.ts';
import { finding, type Rule } from './rule.ts';

const METADATA = ['spec', 'namespaceTemplate', 'metadata'];

/** Prefix of the labels by which Pod Security Admission judges a namespace's pods. */
const POD_SECURITY = 'pod-security.kubernetes.io/';

/** A slip of the keyboard must not fill a cluster with namespaces, which nothing deletes. */
const MAX_REPLICAS = 100;

export const namespaceTemplateHasOneName: Rule = ({ experiment: { spec } }) => {
  const { name, generateName } = spec.namespaceTemplate?.metadata ?? {};
  if (name === undefined || generateName === undefined) return [];
  return [finding([...METADATA, 'generateName'], 'stands beside name; keep one of the two')];
};

export const namespaceTemplateMakesNames: Rule = ({ experiment: { metadata, spec } }) => {
  if (spec.namespaceTemplate === undefined || !isDnsLabel(metadata.name)) return [];
  const replicas = Math.max(1, spec.replicas ?? 1);
  if (replicas > MAX_REPLICAS)
    return [finding(['spec', 'replicas'], `${replicas} namespaces are too many for a namespaceTemplate; write at most ${MAX_REPLICAS}`)];
  const last = `${normalizeNamespaceTemplate(spec.namespaceTemplate, metadata.name).prefix}${replicas}`;
  if (isDnsLabel(last)) return [];
  const field = spec.namespaceTemplate.metadata?.generateName === undefined ? 'name' : 'generateName';
  return [
    finding(
      [...METADATA, field],
      `makes "${last}", which is no DNS label: lower-case letters, digits and inner hyphens, at most 63 characters`,
    ),
  ];
};

/** The labels that tell a run's namespaces are the runner's to set, and an experiment must not lift the fence of its own slots. */
export const namespaceTemplateKeepsLabels: Rule = ({ experiment: { metadata, spec } }) => {
  const own = Object.keys(slotNamespaceLabels(metadata.name, {}));
  return Object.entries(spec.namespaceTemplate?.metadata?.labels ?? {}).flatMap(([key, value]) => {
    const path = [...METADATA, 'labels', key];
    if (own.includes(key)) return [finding(path, 'is set by the runner; remove it')];
    if (!key.startsWith(POD_SECURITY) || value === 'restricted') return [];
    return [
      finding(
        path,
        `"${value}" may loosen Pod Security, which is the installation's to say (--slot-labels); write restricted or remove it`,
      ),
    ];
  });
};

/** Else the next run would not find what this one made, and a namespace would be made for every run (R§6.2). */
export const namespaceTemplateIsSelected: Rule = ({ experiment: { metadata, spec } }) => {
  const { namespaceSelector, namespaceTemplate } = spec;
  if (namespaceSelector === undefined || namespaceTemplate === undefined) return [];
  const labels = slotNamespaceLabels(metadata.name, namespaceTemplate.metadata?.labels ?? {});
  if (matchesLabels(namespaceSelector, labels)) return [];
  const written = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    finding(
      [...METADATA, 'labels'],
      `namespaceSelector (${formatLabelSelector(namespaceSelector)}) does not select namespaces with the labels ${written.join(', ')}; add the labels that it wants`,
    ),
  ];
};

export const namespaceTemplateHasNoOneSlot: Rule = ({ experiment: { spec } }) =>
  spec.namespaceTemplate === undefined || spec.trialTemplate?.metadata?.namespace === undefined
    ? []
    : [
        finding(
          ['spec', 'namespaceTemplate'],
          'has no effect beside the one slot that trialTemplate.metadata.namespace names; keep one of the two',
        ),
      ];
