import { nearest } from '../model/nearest.ts';

const MOST = 12;

/** The names that would have been right, for the end of a message: the likeliest first, else alphabetical; at most twelve. */
export function knownNames(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'nothing is known here';
  const likeliest = nearest(name, known);
  const sorted = known.toSorted((a, b) => a.localeCompare(b, 'en'));
  const shown = likeliest === undefined ? sorted : [likeliest, ...sorted.filter((each) => each !== likeliest)];
  const rest = shown.length - MOST;
  return `known: ${shown.slice(0, MOST).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
