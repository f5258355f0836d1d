import { describeValue } from '../describe-value.ts';
import { TemplateError } from '../template-error.ts';
import { asNumber } from './arguments.ts';
import type { HelperGroup } from './helper.ts';
import { tidyNumber } from './tidy-number.ts';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** R§16.2 `duration` and `percent`. */
export const measures: HelperGroup = {
  duration: { takes: 2, run: ([start, end]) => Math.max(0, asTime(end) - asTime(start)) / 1000 },
  percent: { takes: 2, run: ([value, share]) => tidyNumber(Math.trunc((asNumber(value) * asNumber(share)) / 100)) },
};

/** Milliseconds since 1970. */
function asTime(value: unknown): number {
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new TemplateError(`expected a time such as 2024-05-01T12:00:00Z, got ${describeValue(value)}`);
}
