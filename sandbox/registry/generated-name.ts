import { randomInt } from 'node:crypto';

/** Without vowels and look-alikes: k8s.io/apimachinery/pkg/util/rand. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** The base, cut where it would be too long for a DNS label, and five random letters. */
export function generatedName(base: string): string {
  const suffix = Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return base.slice(0, 58) + suffix;
}
