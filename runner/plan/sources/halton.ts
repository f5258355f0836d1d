/** The point of a sequence at an index: one fraction in [0, 1) per dimension. */
export type Sequence = (index: number) => number[];

/**
 * A randomized Halton sequence: any run of it covers the unit cube more evenly than independent random points would.
 *
 * The digits of each base are permuted (plain Halton repeats itself across dimensions from about the sixth on) and each
 * dimension is shifted modulo 1 (Cranley and Patterson), both by the seed. Same seed, same sequence, on every machine.
 */
export function haltonSequence(dimensions: number, seed: number): Sequence {
  const axes = firstPrimes(dimensions).map((base, dimension) => {
    const random = randomNumbers(seed, dimension);
    return { base, digits: permutedDigits(base, random), shift: random() };
  });
  return (index) => axes.map(({ base, digits, shift }) => (radicalInverse(index, base, digits) + shift) % 1);
}

/** Mirrors the index's digits at the radix point: 6 = 110₂ becomes 0.011₂. */
function radicalInverse(index: number, base: number, digits: readonly number[]): number {
  let fraction = 0;
  let weight = 1 / base;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    fraction += digits[rest % base]! * weight;
    weight /= base;
  }
  return fraction;
}

/** Zero stays zero: the infinitely many leading zeros of an index must not become other digits. */
function permutedDigits(base: number, random: () => number): number[] {
  const digits = Array.from({ length: base }, (_, digit) => digit);
  for (let last = base - 1; last > 1; last -= 1) {
    const other = 1 + Math.floor(random() * last);
    [digits[last], digits[other]] = [digits[other]!, digits[last]!];
  }
  return digits;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

/** Mulberry32, a 32-bit generator of fractions in [0, 1); each dimension begins elsewhere. */
function randomNumbers(seed: number, dimension: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(dimension + 1, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
