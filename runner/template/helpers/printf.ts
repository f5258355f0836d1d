import { describeValue } from '../describe-value.ts';
import { printValue } from '../print-value.ts';
import { TemplateError } from '../template-error.ts';
import { asNumber } from './arguments.ts';
import type { HelperGroup } from './helper.ts';

const VERB = /%(?<flags>[-+0 ]*)(?<width>\d{1,3})?(?:\.(?<precision>\d{1,2}))?(?<verb>[A-Za-z%])/g;

type Directive = { flags: string; width: number; precision: number | undefined; verb: string };

/** Go's `printf` (pkg.go.dev/fmt) for the verbs that templates use: `%s %v %q %d %x %X %f %e %g %t %%` with flags `-+0`, width and precision. */
export const printf: HelperGroup = {
  printf: { takes: [1, Infinity], run: ([format, ...values]) => formatAll(printValue(format, 'the format'), values) },
};

function formatAll(format: string, values: readonly unknown[]): string {
  const wrong = format.replaceAll(VERB, '').includes('%');
  if (wrong) throw new TemplateError(`${JSON.stringify(format)} has a "%" that begins no directive; a percent sign is written %%`);
  let used = 0;
  const text = format.replaceAll(VERB, (...match) => {
    const { flags, width, precision, verb } = match.at(-1) as Record<string, string | undefined>;
    if (verb === '%') return '%';
    if (used === values.length) throw new TemplateError(`${JSON.stringify(format)} wants more values than the ${values.length} it gets`);
    const directive = {
      flags: flags ?? '',
      width: Number(width ?? 0),
      precision: precision === undefined ? undefined : Number(precision),
      verb: verb!,
    };
    return pad(formatOne(values[used++], directive), directive);
  });
  if (used < values.length) throw new TemplateError(`${JSON.stringify(format)} uses ${used} of ${values.length} values`);
  return text;
}

function formatOne(value: unknown, { flags, precision, verb }: Directive): string {
  switch (verb) {
    case 's':
    case 'v':
    case 'q': {
      const text = verb === 'v' && typeof value === 'object' ? JSON.stringify(value) : printValue(value);
      const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
      return verb === 'q' ? JSON.stringify(cut) : cut;
    }
    case 't':
      if (typeof value === 'boolean') return String(value);
      throw new TemplateError(`%t wants true or false, got ${describeValue(value)}`);
    case 'd':
      return signed(asInteger(value, verb).toString(), flags);
    case 'x':
      return signed(asInteger(value, verb).toString(16), flags);
    case 'X':
      return signed(asInteger(value, verb).toString(16).toUpperCase(), flags);
    case 'f':
      return signed(asNumber(value).toFixed(precision ?? 6), flags);
    case 'e':
      return signed(exponent(asNumber(value).toExponential(precision ?? 6)), flags);
    case 'g':
      return signed(
        exponent(String(precision === undefined ? asNumber(value) : Number(asNumber(value).toPrecision(precision || 1)))),
        flags,
      );
    default:
      throw new TemplateError(`%${verb} is not known; known are %s, %v, %q, %d, %x, %X, %f, %e, %g, %t and %%`);
  }
}

function asInteger(value: unknown, verb: string): bigint {
  const number = asNumber(value);
  if (Number.isInteger(number)) return BigInt(number);
  throw new TemplateError(`%${verb} wants an integer, got ${number}; use %g or %.2f`);
}

/** Go writes at least two digits of the exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function signed(text: string, flags: string): string {
  return flags.includes('+') && !text.startsWith('-') ? `+${text}` : text;
}

function pad(text: string, { flags, width, verb }: Directive): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || 'svqt'.includes(verb)) return text.padStart(width);
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
