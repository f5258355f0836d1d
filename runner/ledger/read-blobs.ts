import { GitFailed } from './git-failure.ts';
import type { Git } from './git.ts';

/** The contents of blobs that the local repository has, in their order. Rejects with GitFailed. */
export async function readBlobs(git: Git, blobs: readonly string[], signal: AbortSignal): Promise<Buffer[]> {
  const contents: Buffer[] = [];
  for (let at = 0; at < blobs.length; at += READ_AT_ONCE)
    contents.push(...readBatch(await git.catFile(blobs.slice(at, at + READ_AT_ONCE), signal)));
  return contents;
}

/** Enough that a process more does not count, few enough that their texts do not either. */
const READ_AT_ONCE = 500;

/** The output of `git cat-file --batch`: `<id> blob <size>\n<content>\n`, again and again. */
function readBatch(output: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at);
    const header = output.toString('latin1', at, end);
    const size = Number(/ blob (\d+)$/.exec(header)?.[1]);
    if (Number.isNaN(size)) throw new GitFailed('other', `git cat-file answered ${header}`);
    contents.push(output.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return contents;
}
