/** Markdown of a review. `detail` is what it can do without, `instead` what it says then. */
export type Block = { title: string; text: string; detail?: { text: string; instead: string } };

/**
 * The blocks, separated by blank lines, in at most so many bytes of UTF-8. What does not fit are details, the longest first, then whole blocks,
 * the last first; `tellLeft` makes the block that names these, which comes second. The first block is never left out.
 */
export function fitComment(blocks: readonly Block[], most: number, tellLeft: (titles: readonly string[]) => string): string {
  const [first, ...others] = blocks;
  if (first === undefined) return '';
  const { kept, left } = withoutDetails([first, ...others], most, tellLeft);
  const note = left.length === 0 ? [] : [tellLeft(left)];
  const shown = withDetails(kept, most - sizeOf(note));
  const [beginning, ...rest] = kept.map((block) => textOf(block, shown.has(block)));
  return [beginning, ...note, ...rest].join(SEPARATOR);
}

const SEPARATOR = '\n\n';

function withoutDetails(
  [first, ...others]: [Block, ...Block[]],
  most: number,
  tellLeft: (titles: readonly string[]) => string,
): { kept: Block[]; left: string[] } {
  const size = sizeOf([first, ...others].map((block) => textOf(block, false)));
  if (size <= most) return { kept: [first, ...others], left: [] };
  const longestNote = sizeOf([tellLeft(others.map(({ title }) => title))]);
  let free = most - longestNote - sizeOf([textOf(first, false)]);
  const fitting = others.findIndex((block) => {
    free -= sizeOf([textOf(block, false)]);
    return free < 0;
  });
  return { kept: [first, ...others.slice(0, fitting)], left: others.slice(fitting).map(({ title }) => title) };
}

/** Those whose details are shown: as many as fit. */
function withDetails(blocks: readonly Block[], most: number): Set<Block> {
  const bySize = blocks
    .filter(({ detail }) => detail !== undefined)
    .map((block) => ({ block, more: sizeOf([textOf(block, true)]) - sizeOf([textOf(block, false)]) }))
    .toSorted((a, b) => a.more - b.more);
  let free = most - sizeOf(blocks.map((block) => textOf(block, false)));
  const shown = new Set<Block>();
  for (const { block, more } of bySize) {
    if (more > free) continue;
    free -= more;
    shown.add(block);
  }
  return shown;
}

function textOf({ text, detail }: Block, isWhole: boolean): string {
  return detail === undefined ? text : `${text}${SEPARATOR}${isWhole ? detail.text : detail.instead}`;
}

function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + SEPARATOR.length, 0);
}
