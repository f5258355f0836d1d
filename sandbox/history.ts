import type { StoreEvent } from './store.ts';

/** The latest changes, and who is told about the next. */
export type History = {
  append(event: StoreEvent): void;
  /** Oldest first; undefined when some of them are forgotten. */
  since(revision: string): StoreEvent[] | undefined;
  /** Forgets all that was, as etcd's compaction does. */
  forget(): void;
  subscribe(listener: (event: StoreEvent) => void): () => void;
};

/**
 * Remembers this many changes. Every listener gets every event in order, also when a listener changes objects itself: those events come
 * after the one it was called with.
 */
export function createHistory(length: number): History {
  const listeners = new Set<(event: StoreEvent) => void>();
  const pending: StoreEvent[] = [];
  let events: StoreEvent[] = [];
  let forgottenUpTo = 0;
  let isTelling = false;

  function tell(): void {
    if (isTelling) return;
    isTelling = true;
    try {
      for (let event = pending.shift(); event !== undefined; event = pending.shift()) {
        for (const listener of Array.from(listeners)) listener(event);
      }
    } finally {
      isTelling = false;
    }
  }

  return {
    append(event) {
      events.push(event);
      // Cutting in larger pieces keeps the cost of an append constant.
      if (events.length > 2 * length) {
        forgottenUpTo = revisionOf(events[events.length - length - 1]!);
        events = events.slice(-length);
      }
      pending.push(event);
      tell();
    },
    since(revision) {
      const from = Number(revision);
      return from < forgottenUpTo ? undefined : events.filter((event) => revisionOf(event) > from);
    },
    forget() {
      const last = events.at(-1);
      if (last !== undefined) forgottenUpTo = revisionOf(last);
      events = [];
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function revisionOf({ object }: StoreEvent): number {
  return Number(object.metadata.resourceVersion);
}
