const MILLISECONDS: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

/** What `parseDuration` understands, for schemas. */
export const DURATION_PATTERN = /^(0|((\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns))+)$/;

/**
 * Milliseconds of a duration in Go's notation (`1h2m3s`, `500ms`, `1.5h`; time.ParseDuration) or of a number of seconds.
 * undefined when it is neither, or negative.
 */
export function parseDuration(duration: string | number): number | undefined {
  if (typeof duration === 'number') return Number.isFinite(duration) && duration >= 0 ? duration * 1000 : undefined;
  if (!DURATION_PATTERN.test(duration)) return undefined;
  const parts = duration.matchAll(/([\d.]+)(h|ms|m|s|us|µs|μs|ns)/g);
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * MILLISECONDS[unit!]!, 0);
}
