import type { KubeObject } from '../../cluster/port.ts';
import { FIELD_MANAGER } from '../../model/names.ts';

/** When the runner last changed an object's spec, in milliseconds; undefined when it never did, or the server does not tell. */
export function patchedAt({ metadata }: KubeObject): number | undefined {
  const entries: any[] = metadata['managedFields'] ?? [];
  const ours = entries.filter(({ manager, subresource }) => manager === FIELD_MANAGER && !subresource);
  return ours.length === 0 ? undefined : Math.max(...ours.map(({ time }) => Date.parse(time)));
}
