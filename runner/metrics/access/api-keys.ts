/** The vendors' keys as the runner's environment has them; absent: the variable is not set. */
export type ApiKeys = {
  datadog: { apiKey?: string; appKey?: string; /** Such as `datadoghq.eu`. */ site?: string };
  newrelic: { apiKey?: string; accountId?: string };
};

export type Vendor = keyof ApiKeys;

/** By key: the variables that may hold it, the first that is set counts. */
const VARIABLES = {
  datadog: {
    apiKey: ['FIELDTRIAL_DATADOG_API_KEY', 'DATADOG_API_KEY', 'DD_API_KEY'],
    appKey: ['FIELDTRIAL_DATADOG_APP_KEY', 'DATADOG_APP_KEY', 'DD_APP_KEY'],
    site: ['FIELDTRIAL_DATADOG_SITE', 'DD_SITE'],
  },
  newrelic: {
    apiKey: ['FIELDTRIAL_NEW_RELIC_API_KEY', 'NEW_RELIC_API_KEY'],
    accountId: ['FIELDTRIAL_NEW_RELIC_ACCOUNT_ID', 'NEW_RELIC_ACCOUNT_ID'],
  },
} as const;

const NEEDED = { datadog: ['apiKey', 'appKey'], newrelic: ['apiKey', 'accountId'] } as const;

/** Every variable that may hold a key; a site's name and an account's number are no secrets. */
export const KEY_VARIABLES: readonly string[] = [...VARIABLES.datadog.apiKey, ...VARIABLES.datadog.appKey, ...VARIABLES.newrelic.apiKey];

/** Reads the keys from the runner's environment (R§21, and twins of our own). */
export function readApiKeys(environment: Readonly<Record<string, string | undefined>>): ApiKeys {
  const read = (names: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(
      Object.entries(names).flatMap(([key, variables]) => {
        const value = variables.map((name) => environment[name]?.trim()).find((each) => each !== undefined && each !== '');
        return value === undefined ? [] : [[key, value]];
      }),
    );
  return { datadog: read(VARIABLES.datadog), newrelic: read(VARIABLES.newrelic) };
}

/** One sentence for each variable that a vendor's metrics need and that is not set. */
export function missingKeys(vendor: Vendor, keys: ApiKeys): string[] {
  const variables: Readonly<Record<string, readonly string[]>> = VARIABLES[vendor];
  const given: Readonly<Record<string, string | undefined>> = keys[vendor];
  const missing = NEEDED[vendor].filter((key) => given[key] === undefined);
  return [
    ...missing.map((key) => {
      const [twin, ...usual] = variables[key] ?? [];
      return `${usual.at(-1)} is not set in the runner's environment (nor ${[...usual.slice(0, -1), twin].join(' or ')})`;
    }),
    ...(vendor === 'newrelic' && given['accountId'] !== undefined && !/^\d+$/.test(given['accountId'])
      ? ['NEW_RELIC_ACCOUNT_ID must be a whole number']
      : []),
  ];
}

/** What must never be printed. */
export function keySecrets({ datadog, newrelic }: ApiKeys): string[] {
  return [datadog.apiKey, datadog.appKey, newrelic.apiKey].filter((key) => key !== undefined);
}
