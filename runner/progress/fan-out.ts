import type { Emit } from './events.ts';

/** One Emit that hands every event to each of several, in order. */
export function fanOut(...emits: readonly Emit[]): Emit {
  return (event) => emits.forEach((emit) => emit(event));
}
