import { finding, type Rule } from './rule.ts';

/** Only a strategic patch is an object that can name itself (R§8.1). */
export const patchHasTarget: Rule = ({ experiment: { spec } }) =>
  (spec.patches ?? []).flatMap(({ type, targetRef }, index) => {
    if (targetRef !== undefined || (type !== 'merge' && type !== 'json')) return [];
    return [finding(['spec', 'patches', index, 'targetRef'], `is required: a ${type} patch does not say what it is for`)];
  });
