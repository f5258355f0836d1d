import { parseFinite } from '../parse-finite.ts';

export type Sample =
  | { status: 'Value'; value: number }
  /** May be there at a later time. */
  | { status: 'None'; why: string }
  | { status: 'Unusable'; why: string };

/** The number that the answer to an instant query is: a scalar, or a vector of one series (R§11.2). */
export function readSample(data: any): Sample {
  switch (data?.resultType) {
    case 'scalar':
      return readNumber(data.result?.[1]);
    case 'vector':
      if (!Array.isArray(data.result) || data.result.length === 0) return { status: 'None', why: 'no data' };
      if (data.result.length > 1)
        return {
          status: 'Unusable',
          why: `${data.result.length} series where one is needed; aggregate them, with sum() for example`,
        };
      return data.result[0].value === undefined
        ? { status: 'Unusable', why: 'a histogram where a number is needed' }
        : readNumber(data.result[0].value[1]);
    default:
      return {
        status: 'Unusable',
        why: `a result of type ${String(data?.resultType)} where a scalar or a vector of one series is needed`,
      };
  }
}

function readNumber(text: unknown): Sample {
  const value = parseFinite(String(text));
  if (value !== undefined) return { status: 'Value', value };
  return text === 'NaN' ? { status: 'None', why: 'not a number (NaN)' } : { status: 'Unusable', why: `${String(text)} is not finite` };
}
