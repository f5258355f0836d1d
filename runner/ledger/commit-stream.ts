/** One commit to be made: the files it writes, whole; every other file stays as it is. */
export type NewCommit = { message: string; files: readonly { path: string; content: string }[] };

export type Author = { name: string; email: string };

/**
 * The input of `git fast-import` that puts commits on top of `base` (a new history without one) and prints the last one's id: one
 * process however many commits, no working tree, no index, no ref left behind. Format: git-fast-import(1).
 */
export function commitStream(base: string | undefined, commits: readonly NewCommit[], author: Author, at: Date): Buffer {
  const person = `${withoutDelimiters(author.name)} <${withoutDelimiters(author.email)}> ${Math.floor(at.getTime() / 1000)} +0000`;
  const parts = commits.flatMap(({ message, files }, index) => [
    `commit ${SCRATCH_REF}\nmark :${index + 1}\nauthor ${person}\ncommitter ${person}\n`,
    data(message),
    ...(index === 0 && base !== undefined ? [`from ${base}\n`] : []),
    ...files.flatMap(({ path, content }) => [`M 100644 inline ${path}\n`, data(content)]),
    '\n',
  ]);
  return Buffer.from([...parts, `get-mark :${commits.length}\n`, `reset ${SCRATCH_REF}\nfrom ${NO_COMMIT}\n\n`, 'done\n'].join(''));
}

const SCRATCH_REF = 'refs/fieldtrial/scratch';
const NO_COMMIT = '0'.repeat(40);

/** Counted in bytes; the newline after it is optional in the format and keeps the stream readable. */
function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function withoutDelimiters(text: string): string {
  return text.replaceAll(/[<>\n\0]/g, '').trim();
}
