/**
 * A short name for a pod template: equal templates have equal names, whatever the order of their members. It is written like
 * Kubernetes' (FNV-1a, rand.SafeEncodeString) but its value differs, as Kubernetes hashes Go's own representation.
 */
export function templateHash(template: unknown): string {
  const bytes = Buffer.from(canonical(template));
  const hash = bytes.reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
  return String(hash).replaceAll(/\d/g, (digit) => SAFE_LETTERS[digit.charCodeAt(0) % SAFE_LETTERS.length]!);
}

/** No vowels and nothing that reads like one: a name never says anything. */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}
