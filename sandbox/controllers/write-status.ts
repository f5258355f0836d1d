import { isDeepStrictEqual } from 'node:util';

import type { Store, StoredObject } from '../store.ts';

/** Gives an object another status; nothing is written when it has it already. Undefined members are left out, as the API server does. */
export function writeStatus(store: Store, { apiVersion, kind, metadata }: StoredObject, status: object): void {
  const wanted = JSON.parse(JSON.stringify(status));
  store.mutate(
    store.kind(apiVersion, kind),
    metadata.namespace,
    metadata.name,
    (object) => {
      const unchanged = object.metadata.uid !== metadata.uid || isDeepStrictEqual(object.status, wanted);
      return unchanged ? undefined : { ...object, status: wanted };
    },
    { status: true },
  );
}
