/** Names of objects as git reads them from its input: one on each line. */
export function objectLines(names: readonly string[]): Buffer {
  return Buffer.from(names.map((name) => `${name}\n`).join(''));
}
