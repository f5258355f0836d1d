import { finding, type Rule } from './rule.ts';

/** An empty selector would make every namespace of the cluster a slot (R§6.2). */
export const namespaceSelectorSelects: Rule = ({ experiment: { spec } }) => {
  if (spec.namespaceSelector === undefined) return [];
  const { matchLabels = {}, matchExpressions = [] } = spec.namespaceSelector;
  if (Object.keys(matchLabels).length + matchExpressions.length > 0) return [];
  return [finding(['spec', 'namespaceSelector'], 'is empty and would make every namespace a slot; write matchLabels')];
};

/** Which of the two would run is not for us to guess. */
export const oneTrialTemplate: Rule = ({ experiment: { spec } }) =>
  spec.trialTemplate === undefined || spec.templateRef === undefined
    ? []
    : [finding(['spec', 'templateRef'], 'stands beside trialTemplate; keep one of the two')];
