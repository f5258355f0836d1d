import type { AccessRule } from './access.ts';
import { groupRules } from './format-role.ts';

/** Rules as people say them, such as `create, delete jobs.batch`; those of one object with its name. */
export function formatRules(rules: readonly AccessRule[]): string[] {
  return groupRules(rules).map(({ apiGroups: [group], resources, resourceNames = [], verbs }) =>
    [
      verbs.join(', '),
      resources.map((resource) => (group ? `${resource}.${group}` : resource)).join(', '),
      ...resourceNames.map((name) => `"${name}"`),
    ].join(' '),
  );
}
