/** What one look at an object says: it is ready, it may become ready, or it never will. */
export type Readiness =
  | { status: 'Ready' }
  | { status: 'Waiting'; message: string }
  | { status: 'Failed'; reason: string; message: string };

export const READY: Readiness = { status: 'Ready' };

export function waiting(message: string): Readiness {
  return { status: 'Waiting', message };
}

/** `reason` is a stable CamelCase word of docs/errors.md. */
export function failed(reason: string, message: string): Readiness {
  return { status: 'Failed', reason, message };
}
