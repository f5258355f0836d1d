import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { isObject, omit, withoutNulls } from './json.ts';
import type { Report } from './report.ts';

/** Values made a parameter categorical, whatever bounds it had (R§2.1, R§17.2); a bound that was left out was 0. */
export function convertParameter(written: unknown, path: Path, report: Report): unknown {
  if (!isObject(written)) return written;
  const parameter = withoutNulls(written);
  const { values, min, max } = parameter;
  if (Array.isArray(values) && values.length > 0) return withoutBounds(parameter, path, report);
  const numeric = omit(parameter, ['values']);
  if (min === undefined && max === undefined) return numeric;
  return { ...numeric, min: min ?? 0, max: max ?? 0 };
}

function withoutBounds(parameter: JsonObject, path: Path, report: Report): JsonObject {
  for (const bound of ['min', 'max'].filter((each) => parameter[each] !== undefined && parameter[each] !== 0)) {
    report.notices.push({ path: [...path, bound], message: 'has no meaning beside values and is left out' });
  }
  return omit(parameter, ['min', 'max']);
}
