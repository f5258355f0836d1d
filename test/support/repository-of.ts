import type { RepositoryFiles } from '../../runner/definition/repository-files.ts';
import { InvalidInput } from '../../runner/model/errors.ts';

/** A repository in memory: file contents by path. */
export function repositoryOf(contents: Record<string, string>): RepositoryFiles {
  return {
    async list(path) {
      const folder = path.replace(/\/$/, '');
      return Object.keys(contents)
        .filter((file) => folder === '' || file === folder || file.startsWith(`${folder}/`))
        .toSorted();
    },
    async read(path) {
      const content = contents[path];
      if (content === undefined) throw new InvalidInput([{ file: path, path: '', message: 'there is no such file in the repository' }]);
      return Buffer.from(content);
    },
  };
}
