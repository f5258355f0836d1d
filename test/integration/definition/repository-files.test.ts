import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openRepository, type RepositoryFiles } from '../../../runner/definition/repository-files.ts';
import { checkoutDefinitions } from '../../../runner/ledger/checkout.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';
import { GIT_ENVIRONMENT } from '../../support/git-repository.ts';

/** The same files in a folder, and as they are committed there. */
const KINDS: Record<string, (root: string) => Promise<RepositoryFiles>> = {
  'a repository on disk': async (root) => openRepository(root),
  'the files of a commit': async (root) => {
    const git = (...args: string[]) => promisify(execFile)('git', ['-C', root, ...args], { env: { ...GIT_ENVIRONMENT, ...PERSON } });
    await rm(join(root, '.git'), { recursive: true });
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'All');
    const options = {
      repository: root,
      workdir: join(root, '..', 'work'),
      environment: GIT_ENVIRONMENT,
      signal: new AbortController().signal,
    };
    return (await checkoutDefinitions(options)).files;
  },
};
const PERSON = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'a@b' };

for (const [kind, open] of Object.entries(KINDS))
  describe(kind, () => {
    let outside: string;
    let root: string;

    beforeEach(async () => {
      outside = await mkdtemp(join(tmpdir(), 'fieldtrial-files-'));
      root = join(outside, 'repository');
      await mkdir(join(root, 'charts/db/templates'), { recursive: true });
      await mkdir(join(root, '.git'));
      await writeFile(join(root, 'charts/db/Chart.yaml'), 'name: db\n');
      await writeFile(join(root, 'charts/db/templates/a.yaml'), 'a');
      await writeFile(join(root, '.git/config'), 'token');
      await writeFile(join(outside, 'secret'), 'secret');
    });

    afterEach(() => rm(outside, { recursive: true }));

    it('lists the files below a folder from the root, sorted', async () => {
      const files = await (await open(root)).list('charts');

      assert.deepEqual(files, ['charts/db/Chart.yaml', 'charts/db/templates/a.yaml']);
    });

    it('lists the whole repository without .git', async () => {
      assert.deepEqual(await (await open(root)).list(''), ['charts/db/Chart.yaml', 'charts/db/templates/a.yaml']);
    });

    it('lists a file as itself and a path that is not there as nothing', async () => {
      const repository = await open(root);

      assert.deepEqual(await repository.list('./charts/db/Chart.yaml'), ['charts/db/Chart.yaml']);
      assert.deepEqual(await repository.list('charts/none'), []);
      assert.deepEqual(await repository.list('charts/db/Chart.yaml/x'), []);
    });

    it('reads a file', async () => {
      assert.equal((await (await open(root)).read('charts/db/Chart.yaml')).toString(), 'name: db\n');
    });

    it('follows a link inside the repository and comes back from a circle', async () => {
      await symlink('db', join(root, 'charts/other'));
      await symlink('..', join(root, 'charts/db/up'));

      const files = await (await open(root)).list('charts/other');

      assert.deepEqual(files, ['charts/other/Chart.yaml', 'charts/other/templates/a.yaml']);
    });

    const refused: [sentence: string, path: string, message: RegExp][] = [
      ['an absolute path', '/etc/passwd', /absolute path/],
      ['a path with ..', 'charts/../../secret', /contains "\.\."/],
      ['a path into .git', '.git/config', /leads into \.git/],
      ['a file that is not there', 'charts/none', /there is no such file/],
      ['a folder', 'charts', /is not a file/],
    ];
    for (const [sentence, path, message] of refused) {
      it(`refuses to read ${sentence} and names it`, async () => {
        await assert.rejects((await open(root)).read(path), problem(path, message));
      });
    }

    it('refuses to read a link that leaves the repository', async () => {
      await symlink('../secret', join(root, 'link'));

      await assert.rejects((await open(root)).read('link'), problem('link', /leaves the repository/));
    });

    it('refuses to read through a folder that leaves the repository', async () => {
      await symlink('..', join(root, 'up'));

      await assert.rejects((await open(root)).read('up/secret'), problem('up/secret', /leaves the repository/));
    });

    it('refuses to list a folder with a link that leaves the repository, or leads nowhere', async () => {
      await symlink('/etc', join(root, 'charts/etc'));
      await assert.rejects((await open(root)).list('charts'), problem('charts/etc', /leaves the repository/));
      await rm(join(root, 'charts/etc'));

      await symlink('nowhere', join(root, 'charts/lost'));
      await assert.rejects((await open(root)).list('charts'), problem('charts/lost', /link to nothing/));
    });
  });

function problem(file: string, message: RegExp) {
  return (error: unknown) => error instanceof InvalidInput && error.problems[0]!.file === file && message.test(error.problems[0]!.message);
}
