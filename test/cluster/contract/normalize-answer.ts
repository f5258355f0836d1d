import type { RawAnswer } from './raw-api.ts';

const TIMES = new Set(['creationTimestamp', 'deletionTimestamp', 'time']);
const CONTROLLERS = new Set(['kube-controller-manager', 'kube-scheduler', 'kube-apiserver']);
/** Go's formatting of values is not part of the contract; what a refusal is about is. */
const MESSAGES_THAT_COUNT = new Set([403, 404, 405, 410]);

/**
 * An answer without what differs between any two servers or runs: identities, times and versions become placeholders; the work of
 * controllers (status, their managed fields and annotations) and texts of refusals are left out.
 */
export function normalizeAnswer({ code, body, warnings }: RawAnswer, namespace: string): unknown {
  const uids = new Map<string, string>();
  const reduced = reduce(body, code, uids);
  let text = JSON.stringify({ code, body: reduced, ...(warnings.length > 0 && { warnings }) });
  for (const [uid, placeholder] of uids) text = text.replaceAll(uid, placeholder);
  text = text.replaceAll(namespace, '{namespace}').replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access');
  return JSON.parse(text);
}

function reduce(value: unknown, code: number, uids: Map<string, string>, key = ''): unknown {
  if (Array.isArray(value)) return reduceList(value, code, uids, key);
  if (typeof value === 'object' && value !== null) return reduceObject(value as Record<string, unknown>, code, uids);
  if (typeof value !== 'string' || value === '') return value;
  if (TIMES.has(key) || key === 'resourceVersion') return `<${key}>`;
  if (key === 'uid') uids.set(value, `<uid ${uids.size}>`);
  return value;
}

function reduceList(list: unknown[], code: number, uids: Map<string, string>, key: string): unknown[] {
  if (key === 'managedFields') return managers(list);
  const items = list.map((item) => reduce(item, code, uids));
  // Some validations run twice.
  return key === 'causes' ? [...new Set(items.map((item) => JSON.stringify(item)))].map((text) => JSON.parse(text)) : items;
}

function reduceObject(object: Record<string, unknown>, code: number, uids: Map<string, string>): Record<string, unknown> {
  const isRefusal = object['kind'] === 'Status' && code >= 400;
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key]) => key !== 'status' || isRefusal)
      .filter(([key]) => !(key === 'message' && code >= 400 && !MESSAGES_THAT_COUNT.has(code)))
      .filter(([key]) => key !== 'deployment.kubernetes.io/revision')
      .map(([key, item]) => [key, reduce(item, code, uids, key)])
      .filter(([key, item]) => !(key === 'annotations' && Object.keys(item as object).length === 0)),
  );
}

function managers(entries: any[]): unknown[] {
  const others = entries.filter(({ manager }) => !CONTROLLERS.has(manager));
  return others.map((entry) => ({ ...entry, time: '<time>' }));
}
