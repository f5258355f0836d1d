/** Part of a translated template: text that is to be printed as it is, or an expression. */
export type OutputPiece = { type: 'text' | 'tag'; text: string };

/** Handlebars text that renders to exactly this text, whatever it holds. */
export function escapeText(text: string): string {
  return text.replaceAll(/(\\*)(\{\{+)/g, (_, backslashes: string, braces: string) =>
    backslashes === '' && braces === '{{' ? '\\{{' : `{{string "${backslashes}${braces}"}}`,
  );
}

/**
 * The pieces in a row. To Handlebars a backslash before an expression, and a brace beside one, mean something else than to Go.
 */
export function joinPieces(pieces: readonly OutputPiece[]): string {
  const whole = mergeTexts(pieces);
  return whole
    .map((piece, index) => {
      if (piece.type === 'tag') return piece.text;
      const text = escapeText(piece.text);
      const afterTag = whole[index - 1]?.type === 'tag' && text.startsWith('}') ? `{{!}}${text}` : text;
      return whole[index + 1]?.type === 'tag' ? guardEnd(afterTag) : afterTag;
    })
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

function guardEnd(text: string): string {
  // Two backslashes before an expression are one that does not escape it.
  return text.replace(/\\*\{+$/, (end) => `{{string "${end}"}}`).replace(/\\+$/, (end) => `${end}\\`);
}
