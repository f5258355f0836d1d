import { KEY_VARIABLES } from './metrics/access/api-keys.ts';

/** The environment for a program that the runner starts: what it reads tokens and keys from is no other program's business. */
export function withoutOwnSecrets<Value>(environment: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('FIELDTRIAL_') && !KEY_VARIABLES.includes(name)),
  );
}
