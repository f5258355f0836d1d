/** Requests that a fault is about; what is left out matches all. */
export type FaultMatch = {
  /** As in RBAC: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  verb?: string;
  /** The plural, with its subresource: `jobs`, `pods/log`. */
  resource?: string;
  namespace?: string;
  name?: string;
};

export type FaultEffect =
  /** Not carried out; the answer is a Status. `retryAfter` in seconds. */
  | { effect: 'refuse'; code: number; reason: string; message?: string; retryAfter?: number }
  /** Carried out after so many milliseconds. */
  | { effect: 'delay'; milliseconds: number }
  /** The connection is cut before the request is carried out, or after it with the answer unsent. */
  | { effect: 'cut'; when: 'before' | 'after' }
  /** Never carried out nor answered, the connection stays open. */
  | { effect: 'freeze' }
  /** Carried out and answered, then the connection is closed, as servers do that are about to go. */
  | { effect: 'close' };

export type Fault = FaultMatch & FaultEffect & { /** How many requests it meets [1]. */ times?: number };

/** A response that goes on for as long as somebody watches or follows. */
export type Stream = { verb: string; resource: string; end(): void; cut(): void; freeze(): void };

/** Things that go wrong on demand. */
export type Faults = {
  /** Gives the function that takes it back. The first fault that matches a request meets it. */
  add(fault: Fault): () => void;
  /** What is to happen to streams that are open: ended as by a timeout, cut, or silent from now on. Gives how many there were. */
  strike(how: 'end' | 'cut' | 'freeze', match?: Pick<FaultMatch, 'verb' | 'resource'>): number;
};

export type FaultDesk = Faults & {
  /** The fault that meets a request, which is counted. */
  take(request: Required<FaultMatch>): FaultEffect | undefined;
  opened(stream: Stream): void;
  closed(stream: Stream): void;
};

/** Where faults are ordered by tests and looked up by the server. */
export function createFaults(): FaultDesk {
  const faults = new Set<{ fault: Fault; left: number }>();
  const streams = new Set<Stream>();
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? 1 };
      faults.add(entry);
      return () => void faults.delete(entry);
    },
    strike(how, match = {}) {
      const struck = [...streams].filter((stream) => isMet(match, { ...stream, namespace: '', name: '' }));
      for (const stream of struck) stream[how]();
      return struck.length;
    },
    take(request) {
      const entry = [...faults].find(({ fault }) => isMet(fault, request));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) faults.delete(entry);
      return entry.fault;
    },
    opened: (stream) => void streams.add(stream),
    closed: (stream) => void streams.delete(stream),
  };
}

function isMet(match: FaultMatch, request: Required<FaultMatch>): boolean {
  return (['verb', 'resource', 'namespace', 'name'] as const).every((part) => match[part] === undefined || match[part] === request[part]);
}
