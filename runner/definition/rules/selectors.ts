import type { LabelSelector } from '../../model/experiment.ts';
import { isLabelKey, isLabelValue } from '../../model/label-syntax.ts';
import type { Finding, Path } from '../locate.ts';
import { finding, type Rule } from './rule.ts';

/** As written in files: with undefined where something is left out. */
type WrittenSelector = {
  matchLabels?: LabelSelector['matchLabels'] | undefined;
  matchExpressions?: { key: string; operator: string; values?: string[] | undefined }[] | undefined;
};

/** What the API server would refuse of a selector, and where: a template is for the caller to say. */
export function selectorFindings({ matchLabels = {}, matchExpressions = [] }: WrittenSelector, path: Path): Finding[] {
  const ofLabels = Object.entries(matchLabels).flatMap(([key, value]) => {
    const at = [...path, 'matchLabels', key];
    return [...keyFindings(key, at), ...valueFindings(value, at)];
  });
  const ofExpressions = matchExpressions.flatMap(({ key, operator, values = [] }, index) => {
    const at = [...path, 'matchExpressions', index];
    const isMissing = (operator === 'In' || operator === 'NotIn') && values.length === 0;
    return [
      ...keyFindings(key, [...at, 'key']),
      ...values.flatMap((value, position) => valueFindings(value, [...at, 'values', position])),
      ...(isMissing ? [finding([...at, 'values'], `is required by ${operator}`)] : []),
    ];
  });
  return [...ofLabels, ...ofExpressions];
}

/** Slots are looked for before there is a trial. */
export const namespaceSelectorIsWellFormed: Rule = ({ experiment: { spec } }) =>
  selectorFindings(spec.namespaceSelector ?? {}, ['spec', 'namespaceSelector']);

function keyFindings(key: string, path: Path): Finding[] {
  if (isLabelKey(key)) return [];
  return [finding(path, `${JSON.stringify(key)} is not a label key: name or prefix/name of letters, digits, "-", "_" and "."`)];
}

function valueFindings(value: string, path: Path): Finding[] {
  if (isLabelValue(value)) return [];
  const problem = value.includes('{{')
    ? 'is a template, and a selector is not rendered; write the value itself'
    : 'is not a label value: at most 63 letters, digits, "-", "_" and "."';
  return [finding(path, `${JSON.stringify(value)} ${problem}`)];
}
