import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const ELLIPSIS = '…';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text of others on one line: without escape sequences that would move the cursor, blanks for line ends and other control characters. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\s*[\p{Cc}\u2028\u2029]+\s*/gu, ' ')
    .trim();
}

/** Columns that a text takes on a terminal; escape sequences take none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text in exactly so many columns: padded with blanks, or its beginning and an ellipsis. */
export function fitStart(text: string, columns: number): string {
  return padEnd(widthOf(text) <= columns ? text : take(segmentsOf(text), columns - 1).join('') + ellipsis(columns), columns);
}

/** The same with its end kept, for names whose end tells them apart. */
export function fitEnd(text: string, columns: number): string {
  if (widthOf(text) <= columns) return padEnd(text, columns);
  return padEnd(
    ellipsis(columns) +
      take(segmentsOf(text).toReversed(), columns - 1)
        .toReversed()
        .join(''),
    columns,
  );
}

function segmentsOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** As many from the beginning as fit. */
function take(segments: readonly string[], columns: number): string[] {
  let width = 0;
  const end = segments.findIndex((segment) => (width += widthOf(segment)) > columns);
  return segments.slice(0, end === -1 ? segments.length : end);
}

function ellipsis(columns: number): string {
  return columns > 0 ? ELLIPSIS : '';
}

function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
