import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDemoRepository } from '../../../scripts/demo/demo-repository.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { GIT_ENVIRONMENT } from '../../support/git-repository.ts';
import { tellingPrograms } from '../../support/telling-programs.ts';

const FILES = { 'experiments/one/experiment.yaml': 'kind: Experiment\n' };

describe("the demo's repository", () => {
  let scratch: string;

  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'fieldtrial-test-'));
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it('is made whatever the user has set for git', async () => {
    const { remote } = await createDemoRepository(scratch, FILES, await particularUser());

    assert.equal(await git(remote, 'show', 'main:experiments/one/experiment.yaml'), FILES['experiments/one/experiment.yaml'].trim());
    assert.equal(await git(remote, 'log', '--format=%an: %s', 'main'), "Fieldtrial demo: Add this project's experiments");
  });

  it('has a clone as any other, to which what the user has set applies', async () => {
    const { clone } = await createDemoRepository(scratch, FILES, await particularUser());

    const settings = (await git(clone, 'config', '--local', '--list', '--name-only')).split('\n');
    assert.deepEqual(
      settings.filter((name) => !/^(core\.(repositoryformatversion|filemode|bare|logallrefupdates)|(remote|branch)\..*)$/.test(name)),
      [],
    );
  });

  it('says in one line what git could not do', async () => {
    const { path } = await tellingPrograms(join(scratch, 'bin'), {
      git: "echo 'fatal: cannot mkdir: No space left on device' >&2; exit 128",
    });

    const demo = promisify(execFile)(process.execPath, [join(PROJECT, 'scripts', 'demo.ts')], {
      env: { ...GIT_ENVIRONMENT, PATH: path, TMPDIR: scratch },
    });
    const { stdout, stderr, code } = await demo.then(
      () => assert.fail('it went well'),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );

    assert.deepEqual([stderr, code], ['', 1]);
    assert.match(stdout, /\n\ngit init failed: fatal: cannot mkdir: No space left on device\n$/);
  });

  /** Somebody with hooks and signatures everywhere, who ignores YAML, and runs this from a hook of another repository. */
  async function particularUser(): Promise<NodeJS.ProcessEnv> {
    const home = join(scratch, 'home');
    const hooks = join(home, 'hooks');
    await mkdir(hooks, { recursive: true });
    await mkdir(join(home, '.config', 'git'), { recursive: true });
    for (const hook of ['pre-commit', 'commit-msg', 'pre-push']) await writeFile(join(hooks, hook), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await writeFile(
      join(home, '.gitconfig'),
      `[core]\nhooksPath = ${hooks}\n[commit]\ngpgSign = true\n[push]\ngpgSign = true\n[user]\nuseConfigOnly = true\n`,
    );
    await writeFile(join(home, '.config', 'git', 'ignore'), '*.yaml\n');
    return { PATH: process.env['PATH'], HOME: home, GIT_DIR: join(scratch, 'elsewhere') };
  }

  async function git(folder: string, ...args: string[]): Promise<string> {
    return (await promisify(execFile)('git', args, { cwd: folder, env: GIT_ENVIRONMENT })).stdout.trim();
  }
});
