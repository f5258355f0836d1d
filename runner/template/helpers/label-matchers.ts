import { isLabelKey, isLabelValue } from '../../model/label-syntax.ts';
import { TemplateError } from '../template-error.ts';

type Requirement = { key: string; matcher: string };

/**
 * A Kubernetes label selector as PromQL matchers on kube-state-metrics' `label_…` labels, sorted by key; duplicate keys are kept
 * (R§16.2, R§24.1). Throws TemplateError for what the selector grammar refuses, and for `<` and `>`, which PromQL cannot express.
 */
export function labelMatchers(selector: string): string[] {
  if (selector.trim() === '') return [];
  // Commas between parentheses separate values, not requirements.
  const requirements = selector.split(/,(?![^(]*\))/).map((part) => parseRequirement(part.trim()));
  return requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ matcher }) => matcher);
}

function parseRequirement(part: string): Requirement {
  const comparison = /^(?<key>[^\s!=<>()]+)\s*(?<operator>==?|!=)\s*(?<value>[^\s!=<>()]*)$/.exec(part)?.groups;
  if (comparison) return requirement(comparison.key!, comparison.operator === '!=' ? '!=' : '=', labelValue(comparison.value!));

  const membership = /^(?<key>[^\s!=<>()]+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$/.exec(part)?.groups;
  if (membership) {
    const values = new Set(membership.values!.split(',').map((value) => labelValue(value.trim())));
    // A dot is the only character of a label value that means something else in a regular expression.
    const pattern = [...values].toSorted().join('|').replaceAll('.', '\\.');
    return requirement(membership.key!, membership.operator === 'in' ? '=~' : '!~', pattern);
  }

  const presence = /^(?<absent>!?)\s*(?<key>[^\s!=<>()]+)$/.exec(part)?.groups;
  if (presence) return presence.absent === '!' ? requirement(presence.key!, '=', '') : requirement(presence.key!, '=~', '.+');

  throw new TemplateError(`expected a label selector such as "app=web,tier in (a,b)", got "${part}"`);
}

function requirement(key: string, operator: string, value: string): Requirement {
  if (!isLabelKey(key)) {
    throw new TemplateError(`"${key}" is not a label key; expected name or prefix/name of letters, digits, "-", "_" and "."`);
  }
  const label = `label_${key.replace(/^label_/, '').replaceAll(/[^a-zA-Z0-9_]/g, '_')}`;
  return { key, matcher: `${label}${operator}${JSON.stringify(value)}` };
}

function labelValue(value: string): string {
  if (isLabelValue(value)) return value;
  throw new TemplateError(`"${value}" is not a label value; expected at most 63 letters, digits, "-", "_" and "."`);
}
