/** The number that a text is, undefined unless it is a finite decimal one: no NaN, Inf, hexadecimal, units or digit groups (R§11.1, R§25.1.16). */
export function parseFinite(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}
