import { carryOut } from '../../sandbox/routes/carry-out.ts';
import { StatusError, type Store } from '../../sandbox/store.ts';
import type { KubeObject } from '../cluster/port.ts';

/**
 * Creates an object in this namespace, whichever it names, or with `dryRun` only asks for it; what belongs to the whole cluster and is
 * there stays as it is. `refused` is the API server's reason, `warnings` what it would have sent with its answer.
 */
export function placeObject(
  object: KubeObject,
  namespace: string,
  store: Store,
  { dryRun = false } = {},
): { refused?: string; warnings: readonly string[] } {
  const { apiVersion, kind } = object;
  try {
    const served = store.kind(apiVersion, kind);
    const { status: _, ...given } = object;
    const { namespace: __, ...metadata } = object.metadata;
    const body = { ...given, metadata: served.namespaced ? { ...metadata, namespace } : metadata };
    // What belongs to the whole cluster may be there already, as the slot's own Namespace is.
    if (!served.namespaced && store.get(served, undefined, metadata.name) !== undefined) return { warnings: [] };
    const query = new URLSearchParams({ fieldManager: 'rehearsal', ...(dryRun && { dryRun: 'All' }) });
    const request = {
      verb: 'create',
      kind: served,
      namespace,
      name: '',
      subresource: undefined,
      query,
      contentType: 'application/json',
      userAgent: '',
      body,
    } as const;
    return { warnings: carryOut(store, request).warnings ?? [] };
  } catch (error) {
    if (error instanceof StatusError) return { refused: error.message, warnings: [] };
    throw error;
  }
}
