/** The runner's own variables, and those of metric vendors that it reads (metrics/). */
const OWN = /^(FIELDTRIAL_|DD_(API|APP)_KEY$|NEW_RELIC_API_KEY$)/;

/** The environment for a program that the runner starts: what it reads tokens and keys from is no other program's business. */
export function withoutOwnSecrets<Value>(environment: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OWN.test(name)));
}
