import { repositoryFiles, type RepositoryFiles } from '../definition/repository-files.ts';
import { commitTree, LINK, parseTree } from './commit-tree.ts';
import { duringPreflight } from './explain-access.ts';
import type { Git } from './git.ts';
import { readBlobs } from './read-blobs.ts';
import type { RemoteTip } from './remote-tip.ts';

/**
 * The files of a commit that was fetched. What is read is fetched then, if it is not here yet: everything that is asked for in one turn of
 * the event loop by one request, and all that `isLikely` says by the first. It stays in memory, so that what has been read once is there without the
 * server. Reading throws PreflightFailed where the server does not give a file, and the signal's reason once it has aborted.
 */
export async function openCommitFiles(
  commit: string,
  { git, tip, repository, isLikely }: { git: Git; tip: RemoteTip; repository: string; isLikely(path: string): boolean },
  signal: AbortSignal,
): Promise<RepositoryFiles> {
  const entries = parseTree(await git.local(['ls-tree', '-r', '-z', '--full-tree', commit], signal));
  const links = entries.filter(({ mode }) => mode === LINK);
  const likely = entries.filter(({ mode, path }) => mode.startsWith('100') && isLikely(path));
  const texts = await duringPreflight(repository, async () => {
    await tip.provide(
      [...links, ...likely].map(({ id }) => id),
      signal,
    );
    return readBlobs(
      git,
      links.map(({ id }) => id),
      signal,
    );
  });
  const targets = new Map(links.map(({ path }, index) => [path, texts[index]!.toString('utf8')]));

  const contents = new Map<string, Promise<Buffer>>();
  let asked: { id: string; resolve(content: Buffer): void; reject(error: unknown): void }[] = [];

  return repositoryFiles(
    commitTree(entries, targets, (id) => {
      const content = contents.get(id) ?? ask(id);
      contents.set(id, content);
      return content;
    }),
  );

  function ask(id: string): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    if (asked.length === 0) setImmediate(() => void answer());
    asked.push({ id, resolve, reject });
    return promise;
  }

  async function answer(): Promise<void> {
    const batch = asked;
    asked = [];
    const ids = batch.map(({ id }) => id);
    try {
      const found = await duringPreflight(repository, async () => {
        await tip.provide(ids, signal);
        // Lacks some where the branch was replaced, and the server gives only what it holds now.
        return readBlobs(git, ids, signal);
      });
      batch.forEach(({ resolve }, index) => resolve(found[index]!));
    } catch (error) {
      for (const { id, reject } of batch) {
        contents.delete(id);
        reject(error);
      }
    }
  }
}
