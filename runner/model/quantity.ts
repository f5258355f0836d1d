const DECIMAL_EXPONENT: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY_EXPONENT: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/**
 * The number that a Kubernetes quantity such as `500m`, `2Gi`, `1e3` or `4` stands for; undefined when it is none.
 * Numbers pass as they are. Grammar: k8s.io/apimachinery/pkg/api/resource/quantity.go.
 */
export function parseQuantity(quantity: string | number): number | undefined {
  if (typeof quantity === 'number') return Number.isFinite(quantity) ? quantity : undefined;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(quantity);
  if (match === null) return undefined;
  const [, digits, exponent, suffix = ''] = match;
  const binary = BINARY_EXPONENT[suffix];
  // The exponent goes into the literal, so that `100m` is exactly 0.1.
  return binary === undefined ? Number(`${digits}e${exponent ?? DECIMAL_EXPONENT[suffix]}`) : Number(digits) * 2 ** binary;
}
