/**
 * A quantity in the form in which the API server gives it back: `1000m` is `1`, `0.5` is `500m`, `1024Mi` is `1Gi`; undefined for
 * what is none. Rules of k8s.io/apimachinery/pkg/api/resource/quantity.go, without its bounds: finer than nano is rounded up.
 */
export function canonicalQuantity(text: string): string | undefined {
  const quantity = parse(text);
  if (quantity === undefined) return undefined;
  const { nanos, suffix } = quantity;
  if (nanos === 0n) return '0';
  if (/^[KMGTPE]i$/.test(suffix) && abs(nanos) >= 1024n * NANO) return binary(nanos);
  return decimal(nanos, /^[eE][+-]?\d/.test(suffix));
}

/** A quantity in billionths, for comparisons; 0 for what is none. */
export function quantityInNanos(text: string): bigint {
  return parse(text)?.nanos ?? 0n;
}

function parse(text: string): { nanos: bigint; suffix: string } | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const nanos = inNanos(BigInt(whole + fraction), fraction.length, suffix) * (sign === '-' ? -1n : 1n);
  return { nanos, suffix };
}

const NANO = 10n ** 9n;
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

function inNanos(digits: bigint, decimals: number, suffix: string): bigint {
  if (suffix.endsWith('i')) return divideUp(digits * 1024n ** BigInt(BINARY_SUFFIXES.indexOf(suffix)) * NANO, 10n ** BigInt(decimals));
  const exponent = DECIMAL_SUFFIXES.includes(suffix) ? 3 * (DECIMAL_SUFFIXES.indexOf(suffix) - 3) : Number(suffix.slice(1));
  const shift = exponent + 9 - decimals;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
}

function decimal(nanos: bigint, exponential: boolean): string {
  let [number, thousands] = [nanos, 0];
  while (number % 1000n === 0n && thousands < DECIMAL_SUFFIXES.length - 1) [number, thousands] = [number / 1000n, thousands + 1];
  const exponent = 3 * (thousands - 3);
  if (!exponential) return `${number}${DECIMAL_SUFFIXES[thousands]}`;
  return exponent === 0 ? String(number) : `${number}e${exponent}`;
}

function binary(nanos: bigint): string {
  let [number, power] = [nanos < 0n ? -divideUp(-nanos, NANO) : divideUp(nanos, NANO), 0];
  while (number % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) [number, power] = [number / 1024n, power + 1];
  return `${number}${BINARY_SUFFIXES[power]}`;
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
