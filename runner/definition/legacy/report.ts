import type { Finding, Path } from '../locate.ts';

/** What a conversion says besides its result. Paths of findings and notices are those of the user's file. */
export type Report = {
  /** Where the meaning changes, or something is left out. */
  notices: Finding[];
  /** What cannot be converted. */
  findings: Finding[];
  /** Fields that stand somewhere else than in the user's file, with all that is in them. */
  moves: { to: Path; from: Path }[];
};

export function emptyReport(): Report {
  return { notices: [], findings: [], moves: [] };
}

/** Where a field of the converted document stands in the user's: the innermost move that it lies in is undone. */
export function originalPath({ moves }: Report, path: Path): Path {
  const around = moves.filter(({ to }) => to.length <= path.length && to.every((step, index) => path[index] === step));
  const innermost = around.toSorted((a, b) => b.to.length - a.to.length)[0];
  return innermost === undefined ? path : [...innermost.from, ...path.slice(innermost.to.length)];
}
