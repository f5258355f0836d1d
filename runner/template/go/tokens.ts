import { TemplateError } from '../template-error.ts';
import type { Tag } from './syntax.ts';

export type Piece =
  | { type: 'text'; text: string }
  | { type: 'comment'; text: string; tag: Tag }
  | { type: 'action'; tokens: Token[]; tag: Tag };

export type Token = {
  type: 'field' | 'variable' | 'word' | 'string' | 'char' | 'number' | 'mark';
  text: string;
  line: number;
  /** Directly behind the token before it, as the fields of a chain are. */
  attached: boolean;
};

/** In this order: `.5` is a number, `.x` a field, `.` alone the dot. */
const TOKENS: readonly [Token['type'], RegExp][] = [
  ['string', /"(?:\\.|[^"\\\n])*"|`[^`]*`/y],
  ['char', /'(?:\\.|[^'\\\n])+'/y],
  ['number', /[+-]?(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?![\p{L}\p{N}_])/uy],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['mark', /:=|[=|(),.]/y],
];

/**
 * Cuts a Go template into text and actions, and actions into tokens. Text is kept as it is, trimmed or not. Throws TemplateError with
 * the line.
 */
export function tokenize(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const text = source.slice(at, open === -1 ? undefined : open);
    if (text !== '') pieces.push({ type: 'text', text });
    line += countLines(text);
    if (open === -1) break;
    const { piece, end } = readAction(source, open, line);
    pieces.push(piece);
    line += countLines(source.slice(open, end));
    at = end;
  }
  return pieces;
}

function readAction(source: string, open: number, line: number): { piece: Piece; end: number } {
  const trimLeft = /\{\{-\s/y.test(at(source, open));
  const start = open + (trimLeft ? 3 : 2);
  const comment = match(/\s*\/\*(?<text>[^]*?)\*\/(?<close>\s+-\}\}|\}\})/y, source, start);
  if (comment !== undefined) {
    const { text = '', close = '' } = comment.groups!;
    return { piece: { type: 'comment', text, tag: { line, trimLeft, trimRight: close.includes('-') } }, end: start + comment[0].length };
  }
  if (match(/\s*\/\*/y, source, start) !== undefined)
    throw new TemplateError('a comment is {{/* … */}}, and this one is not closed so', { line });
  return readTokens(source, start, line, trimLeft);
}

function readTokens(source: string, start: number, line: number, trimLeft: boolean): { piece: Piece; end: number } {
  const tokens: Token[] = [];
  let position = start;
  let currentLine = line;
  let attached = false;
  for (;;) {
    const close = match(/\s+-\}\}|\s*\}\}/y, source, position);
    if (close !== undefined) {
      const trimRight = close[0].endsWith('-}}');
      return { piece: { type: 'action', tokens, tag: { line, trimLeft, trimRight } }, end: position + close[0].length };
    }
    const space = match(/\s+/y, source, position);
    if (space !== undefined) {
      currentLine += countLines(space[0]);
      position += space[0].length;
      attached = false;
      continue;
    }
    const token = nextToken(source, position, currentLine, line);
    tokens.push({ ...token, line: currentLine, attached });
    currentLine += countLines(token.text);
    position += token.text.length;
    attached = true;
  }
}

function nextToken(source: string, position: number, line: number, openLine: number): Pick<Token, 'type' | 'text'> {
  if (position >= source.length) throw new TemplateError('an action {{ … }} is not closed before the template ends', { line: openLine });
  for (const [type, pattern] of TOKENS) {
    const found = match(pattern, source, position);
    if (found !== undefined) return { type, text: found[0] };
  }
  const character = String.fromCodePoint(source.codePointAt(position)!);
  const isQuote = ['"', "'", '`'].includes(character);
  throw new TemplateError(
    isQuote ? `a text that begins with ${character} is not closed on its line` : `unexpected ${JSON.stringify(character)} in an action`,
    {
      line,
    },
  );
}

/** Sticky patterns keep their own place; this gives each use a fresh one. */
function match(pattern: RegExp, source: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(source) ?? undefined;
}

function at(source: string, position: number): string {
  return source.slice(position, position + 4);
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
