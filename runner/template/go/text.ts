/** Part of a translated template: text that is to be printed as it is, or an expression without its braces. */
export type OutputPiece = { type: 'text'; text: string } | TagPiece;
export type TagPiece = {
  type: 'tag';
  inner: string;
  trimLeft: boolean;
  trimRight: boolean;
  /** The same for the opening, the else and the closing of one block. */
  block?: object | undefined;
};

/** Handlebars text that renders to exactly this text, whatever it holds. */
export function escapeText(text: string): string {
  return text.replaceAll(/(\\*)(\{\{+)/g, (_, backslashes: string, braces: string) =>
    backslashes === '' && braces === '{{' ? '\\{{' : `{{string "${backslashes}${braces}"}}`,
  );
}

/** The pieces in a row, so that they print what they did in Go, but for lines that hold nothing but space. */
export function joinPieces(pieces: readonly OutputPiece[]): string {
  const whole = mergeTexts(pieces);
  const lines = findRemovedLines(whole);
  return whole
    .map((piece, index) =>
      piece.type === 'tag' ? writeTag(piece, isAlone(whole, index), lines.has(index)) : writeText(piece.text, whole, index),
    )
    .join('');
}

function mergeTexts(pieces: readonly OutputPiece[]): OutputPiece[] {
  const merged: OutputPiece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (piece.type === 'text' && last?.type === 'text') merged[merged.length - 1] = { type: 'text', text: last.text + piece.text };
    else merged.push(piece);
  }
  return merged;
}

/**
 * A block's tag, a comment or a `set` alone on its line is removed by Handlebars with its line, which is what Go's `{{-` at its beginning comes to.
 * Where that is not so, an empty comment beside the tag makes it one of several on the line.
 */
function writeTag({ inner, trimLeft, trimRight }: TagPiece, alone: boolean, removed: boolean): string {
  const written = (left: boolean) => `{{${left ? '~' : ''}${inner}${trimRight ? '~' : ''}}}`;
  if (removed) return written(false);
  if (!alone || (trimLeft && trimRight)) return written(trimLeft);
  return trimRight ? `{{!}}${written(false)}` : `${written(trimLeft)}{{!}}`;
}

function isAlone(pieces: readonly OutputPiece[], index: number): boolean {
  const [before, tag, after] = [pieces[index - 1], pieces[index] as TagPiece, pieces[index + 1]];
  if (!/^(?:[#/!]|else\b|set )/.test(tag.inner)) return false;
  const begins = before === undefined || (before.type === 'text' && /(^|\n)[ \t]*$/.test(before.text));
  return begins && after?.type === 'text' && /^[ \t]*\r?\n/.test(after.text);
}

/**
 * The tags that may go with their lines. Whichever of its branches is taken, a block then leaves the right line breaks only when all of its
 * tags do so; and a tag whose line break the next one takes depends on that one. So all are assumed to, until one is found that cannot.
 */
function findRemovedLines(pieces: readonly OutputPiece[]): Set<number> {
  let removed = new Set(pieces.keys().filter((index) => pieces[index]?.type === 'tag'));
  for (;;) {
    const able = [...removed].filter((index) => isRemovable(pieces, index, removed));
    const kept = new Set(able.filter((index) => hasWholeBlock(pieces, index, able)));
    if (kept.size === removed.size) return kept;
    removed = kept;
  }
}

function hasWholeBlock(pieces: readonly OutputPiece[], index: number, able: readonly number[]): boolean {
  const { block } = pieces[index] as TagPiece;
  if (block === undefined) return true;
  const tags = pieces.keys().filter((each) => blockOf(pieces[each]) === block);
  return tags.every((each) => able.includes(each));
}

function blockOf(piece: OutputPiece | undefined): object | undefined {
  return piece?.type === 'tag' ? piece.block : undefined;
}

/** At most one line break before the tag goes, and the one behind it stays. Without `{{-` a line of nothing but space is no loss. */
function isRemovable(pieces: readonly OutputPiece[], index: number, removed: ReadonlySet<number>): boolean {
  const [before, after, next] = [pieces[index - 1], pieces[index + 1], pieces[index + 2]];
  const { trimLeft, trimRight } = pieces[index] as TagPiece;
  if (!isAlone(pieces, index) || trimRight) return false;
  if (!trimLeft) return true;
  if (before?.type === 'text' && !/(^|\S)\r?\n[ \t]*$/.test(before.text)) return false;
  const isTrimmed = next?.type === 'tag' && next.trimLeft && after?.type === 'text' && after.text.trim() === '';
  return !isTrimmed || removed.has(index + 2);
}

/** To Handlebars a backslash before an expression, and a brace beside one, mean something else than to Go. */
function writeText(source: string, pieces: readonly OutputPiece[], index: number): string {
  const isBeforeTag = pieces[index + 1]?.type === 'tag';
  const braces = isBeforeTag ? /\\*\{+$/.exec(source)?.[0] : undefined;
  const text =
    escapeText(braces === undefined ? source : source.slice(0, -braces.length)) + (braces === undefined ? '' : `{{string "${braces}"}}`);
  const afterTag = pieces[index - 1]?.type === 'tag' && text.startsWith('}') ? `{{!}}${text}` : text;
  // Two backslashes before an expression are one that does not escape it.
  return isBeforeTag ? afterTag.replace(/\\+$/, (end) => `${end}\\`) : afterTag;
}
