import type { JsonObject } from '../model/experiment.ts';

/** What stands beside an experiment, for people to read: its kind and name, and the object, of a Secret without what it holds. */
export function showCompanion(companion: unknown): { name: string; object: unknown } {
  if (typeof companion !== 'object' || companion === null || Array.isArray(companion)) return { name: 'no object', object: companion };
  const { kind = 'object without kind', metadata } = companion as { kind?: unknown; metadata?: { name?: unknown } };
  const name = [kind, metadata?.name].filter((each) => typeof each === 'string').join(' ');
  return { name, object: kind === 'Secret' ? masked(companion as JsonObject) : companion };
}

function masked(secret: JsonObject): JsonObject {
  const hidden = (values: unknown) => Object.fromEntries(Object.keys(values ?? {}).map((key) => [key, '***']));
  return {
    ...secret,
    ...(secret.data === undefined ? {} : { data: hidden(secret.data) }),
    ...(secret.stringData === undefined ? {} : { stringData: hidden(secret.stringData) }),
  };
}
