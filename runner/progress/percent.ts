/** The change of a value in percent, to one decimal; undefined against zero, where there is no percentage. */
export function percentChange(value: number, from: number): number | undefined {
  return from === 0 ? undefined : Math.round(((value - from) / Math.abs(from)) * 1000) / 10;
}

/** `-12.5%` or `+3%`. */
export function formatPercent(percent: number): string {
  return `${percent > 0 ? '+' : ''}${percent}%`;
}
