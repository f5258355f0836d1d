import { printValue } from '../print-value.ts';
import type { Helper, HelperGroup } from './helper.ts';

/** Appends a division to a query, which must be one term: `a + b` would want parentheses (R§16.2). */
export const units: HelperGroup = {
  KB: division(1000),
  MB: division(1000 ** 2),
  GB: division(1000 ** 3),
  KiB: division(1024),
  MiB: division(1024 ** 2),
  GiB: division(1024 ** 3),
};

function division(divisor: number): Helper {
  return { takes: 1, run: ([query]) => `${printValue(query)}/${divisor}` };
}
