import { isDnsSubdomain } from './dns-subdomain.ts';

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Whether a label may have this key: `name` or `prefix/name` (IsQualifiedName of k8s.io/apimachinery/pkg/util/validation). */
export function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...rest] = key.split('/').toReversed();
  return rest.length === 0 && NAME.test(name) && (prefix === undefined || isDnsSubdomain(prefix));
}

/** Whether a label may have this value, which may be empty (IsValidLabelValue of the same file). */
export function isLabelValue(value: string): boolean {
  return value === '' || NAME.test(value);
}
