import { TemplateError } from '../template-error.ts';
import type { Token } from './tokens.ts';

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' };
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/gsu;

/** The value of a text, character (its code point, as in Go) or number token. Throws TemplateError. */
export function literalValue({ type, text, line }: Token): string | number {
  if (type === 'number') return numberValue(text, line);
  if (text.startsWith('`')) return text.slice(1, -1);
  const content = text.slice(1, -1).replaceAll(ESCAPE, (whole, hex, short, long, octal, simple) => {
    if (simple !== undefined) return ESCAPES[simple] ?? refuseEscape(whole, line);
    return String.fromCodePoint(octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8));
  });
  if (type === 'string') return content;
  const [point, ...more] = Array.from(content);
  if (point === undefined || more.length > 0) throw new TemplateError(`${text} is not one character`, { line });
  return point.codePointAt(0)!;
}

function numberValue(text: string, line: number): number {
  const digits = text.replaceAll('_', '');
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/.exec(digits)!;
  // As in Go, a leading zero alone makes an integer octal.
  const value = Number(/^0[0-7]+$/.test(body) ? `0o${body.slice(1)}` : body);
  if (Number.isNaN(value)) throw new TemplateError(`${text} is not a number`, { line });
  return sign === '-' ? -value : value;
}

function refuseEscape(escape: string, line: number): never {
  throw new TemplateError(`${escape} is no escape of a Go text; use \`…\` for a text with backslashes`, { line });
}
