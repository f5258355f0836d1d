import { timestamp } from '../timestamp.ts';
import { canonicalQuantity } from './quantity.ts';
import type { Scalar } from '../../kubernetes/schema/schema.ts';

/** A scalar as the API server gives it back; undefined when the value is none of that type. */
export function canonicalScalar(value: unknown, scalar: Scalar): unknown {
  return READERS[scalar](value);
}

/** What is wrong with a string, for types that parse theirs themselves; undefined for all others. */
export function scalarProblem(value: unknown, scalar: Scalar): string | undefined {
  return typeof value === 'string' ? PROBLEMS[scalar]?.(value) : undefined;
}

/** What encoding/json writes for a field without a value. */
export const ZEROS: Record<Scalar, unknown> = {
  string: '',
  integer: 0,
  number: 0,
  boolean: false,
  bytes: null,
  time: null,
  microTime: null,
  quantity: '0',
  intOrString: 0,
};

/** As encoding/json calls them. */
export const GO_TYPES: Record<Scalar, string> = {
  string: 'string',
  integer: 'int32',
  number: 'float64',
  boolean: 'bool',
  bytes: '[]uint8',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
};

const READERS: Record<Scalar, (value: unknown) => unknown> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  integer: (value) => (Number.isInteger(value) ? value : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  bytes: (value) => (typeof value === 'string' && isBase64(value) ? value : undefined),
  time: readTime,
  microTime: readMicroTime,
  quantity: (value) => (typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(String(value)) : undefined),
  intOrString: (value) => (typeof value === 'string' || Number.isInteger(value) ? value : undefined),
};

const PROBLEMS: Partial<Record<Scalar, (value: string) => string>> = {
  bytes: () => 'illegal base64 data at input byte 0',
  time: (value) => `parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse it`,
  microTime: (value) => `parsing time "${value}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse it`,
  quantity: () => "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
};

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replaceAll(/[\r\n]/g, ''));
}

function readTime(value: unknown): string | undefined {
  const time = parseTime(value);
  return time && timestamp(time);
}

/** Six decimals, no more and no less. */
function readMicroTime(value: unknown): string | undefined {
  const time = parseTime(value);
  const decimals = /\.(\d{6})(?:Z|[+-])/.exec(String(value))?.[1];
  return time && decimals && timestamp(time).replace('Z', `.${decimals}Z`);
}

function parseTime(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
