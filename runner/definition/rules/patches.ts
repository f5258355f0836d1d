import { finding, type Rule } from './rule.ts';
import { targetNameFindings } from './target-name.ts';

/** A Job without a name is the trial's own (R§8.2). */
export const patchTargetHasName: Rule = ({ experiment: { spec } }) =>
  (spec.patches ?? []).flatMap(({ targetRef }, index) => {
    if (targetRef === undefined || targetRef.name !== undefined) return [];
    if (targetRef.apiVersion === 'batch/v1' && targetRef.kind === 'Job') return [];
    return [finding(['spec', 'patches', index, 'targetRef', 'name'], "is required; only the trial's own Job (batch/v1) goes without")];
  });

/** Only a strategic patch is an object that can name itself (R§8.1). */
export const patchHasTarget: Rule = ({ experiment: { spec } }) =>
  (spec.patches ?? []).flatMap(({ type, targetRef }, index) => {
    if (targetRef !== undefined || (type !== 'merge' && type !== 'json')) return [];
    return [finding(['spec', 'patches', index, 'targetRef'], `is required: a ${type} patch does not say what it is for`)];
  });

export const patchTargetNameFits: Rule = ({ experiment: { spec } }) =>
  (spec.patches ?? []).flatMap(({ type = 'strategic', targetRef }, index) => {
    const instead = type === 'strategic' ? 'write the name itself, or leave targetRef out and name the object in the patch' : undefined;
    return targetRef === undefined ? [] : targetNameFindings(targetRef, ['spec', 'patches', index, 'targetRef'], instead);
  });
