/** Metadata that the server sets anew with every write. */
const SERVER_SET = new Set(['resourceVersion', 'generation', 'managedFields']);

/**
 * Whether an object has everything that was sent; what the server added besides (defaults, status) does not matter. Lists must be
 * as long as they were sent. A value that the server rewrites, such as `1000m` to `1`, counts as different.
 */
export function holds(current: unknown, sent: unknown): boolean {
  if (Array.isArray(sent)) {
    return Array.isArray(current) && current.length === sent.length && sent.every((item, index) => holds(current[index], item));
  }
  if (typeof sent !== 'object' || sent === null) return Object.is(current, sent);
  if (typeof current !== 'object' || current === null) return false;

  const fields = current as Record<string, unknown>;
  return Object.entries(sent).every(([name, value]) =>
    name === 'metadata' ? holdsMetadata(fields[name], value) : value === undefined || holds(fields[name], value),
  );
}

function holdsMetadata(current: unknown, sent: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return true;
  return holds(current, Object.fromEntries(Object.entries(sent).filter(([name]) => !SERVER_SET.has(name))));
}
