import { apiVersionOf } from './api-version.ts';
import type { ApiRequest } from './routes/api-request.ts';
import { listOptions } from './routes/list-options.ts';
import { selected } from './routes/read.ts';
import { badRequest, expired } from './status-errors.ts';
import type { ServedKind, Store, StoredObject, StoreEvent } from './store.ts';

export type WatchMessage = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: any };

/** A watch that was asked for, before its first message. */
export type Watch = {
  /** How long it lasts at most, in milliseconds. */
  lifetime: number;
  wantsBookmarks: boolean;
  /** Sends what is due and then every change, until the function it gives is called; undefined when the watch ended with an error. */
  begin(send: (message: WatchMessage) => void): (() => void) | undefined;
  /** Up to where the watcher has been told everything. */
  bookmark(): WatchMessage;
};

/** The API server chooses between half an hour and an hour. */
const LONGEST = 1_800;

/**
 * Reads a watch's parameters: it begins with an ADDED event for each object when no resourceVersion is given, or `sendInitialEvents`
 * asks for them, else after that version, or from now on when that may be any. Throws StatusError 400 and 422.
 */
export function openWatch(store: Store, request: ApiRequest): Watch {
  const { kind, namespace, query } = request;
  const version = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(version)) throw badRequest(`invalid resource version "${version}": it must be a number`);
  const { timeoutSeconds, allowWatchBookmarks, sendInitialEvents } = listOptions(query, 'watch');
  const isSelected = selected(request);
  const matches = (object: StoredObject) => (namespace === undefined || object.metadata.namespace === namespace) && isSelected(object);
  const isFromAnywhere = version === '' || version === '0';
  const wantsState = sendInitialEvents ?? isFromAnywhere;

  return {
    lifetime: 1000 * (timeoutSeconds || LONGEST),
    wantsBookmarks: allowWatchBookmarks,
    bookmark: () => bookmark(kind, store.revision()),
    begin(send) {
      const relay = (event: StoreEvent) => {
        const message = isOf(kind, event.kind) ? messageOf(event, kind, matches) : undefined;
        if (message !== undefined) send(message);
      };
      if (wantsState) {
        for (const object of store.list(kind, namespace).filter(matches)) send({ type: 'ADDED', object });
        if (sendInitialEvents === true && allowWatchBookmarks)
          send(bookmark(kind, store.revision(), { 'k8s.io/initial-events-end': 'true' }));
      } else {
        const missed = store.since(isFromAnywhere ? store.revision() : version);
        if (missed === undefined) {
          send({ type: 'ERROR', object: statusOf(expired()) });
          return undefined;
        }
        for (const event of missed) relay(event);
      }
      return store.subscribe(relay);
    },
  };
}

/** What a watcher with this selection is told: who leaves the selection is gone for it, who enters is new. */
function messageOf({ type, object, previous }: StoreEvent, kind: ServedKind, matches: (object: StoredObject) => boolean) {
  const isIn = type !== 'DELETED' && matches(object);
  const wasIn = previous !== undefined && matches(previous);
  if (isIn) return { type: wasIn ? ('MODIFIED' as const) : ('ADDED' as const), object: inVersion(object, kind) };
  if (!wasIn) return undefined;
  const { resourceVersion } = object.metadata;
  const last = type === 'DELETED' ? object : { ...previous, metadata: { ...previous.metadata, resourceVersion } };
  return { type: 'DELETED' as const, object: inVersion(last, kind) };
}

function inVersion(object: StoredObject, kind: ServedKind): StoredObject {
  const apiVersion = apiVersionOf(kind);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

function isOf(kind: ServedKind, other: ServedKind): boolean {
  return kind.group === other.group && kind.plural === other.plural;
}

function bookmark(kind: ServedKind, resourceVersion: string, annotations?: Record<string, string>): WatchMessage {
  const metadata = { resourceVersion, ...(annotations && { annotations }) };
  return { type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } };
}

function statusOf({ code, reason, message }: ReturnType<typeof expired>) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}
