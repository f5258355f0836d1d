import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { GIT_ENVIRONMENT } from '../../support/git-repository.ts';
import { startMergeRequestServer } from '../../support/merge-request-server.ts';
import type { PullRequestComment } from '../../support/pretend-gh.ts';
import { program, runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

const read = (path: string) => readFile(join(PROJECT, path), 'utf8');
const example = async (name: string): Promise<any> => load(await read(`docs/examples/ci/${name}`));

describe('docs/ci.md', function () {
  this.timeout('60s');

  it('shows the pipelines as they are', async () => {
    const page = await read('docs/ci.md');

    for (const name of ['github-actions.yaml', 'gitlab-ci.yaml']) assert.ok(page.includes(await read(`docs/examples/ci/${name}`)), name);
  });

  it('has the pipeline that docs/pull-requests.md shows', async () => {
    assert.ok((await read('docs/pull-requests.md')).includes(await read('docs/examples/ci/github-plan.yaml')));
  });

  it('names every flag of the command', async () => {
    const [page, { stdout }] = await Promise.all([read('docs/ci.md'), runFieldtrial(['rehearse', '--help'])]);

    const flags = [...stdout.matchAll(/^ {2}(-\w|--[a-z]+)/gm)]
      .map(([, flag]) => flag!)
      .filter((flag) => !['-h', '--image'].includes(flag));
    assert.ok(flags.length > 3);
    assert.deepEqual(
      flags.filter((flag) => !page.includes(`\`${flag}`)),
      [],
    );
  });

  describe('has pipelines that', () => {
    let folder: WorkingFolder;

    beforeEach(async () => {
      folder = await createWorkingFolder(aRepository());
    });
    afterEach(() => folder.cleanup());

    /** Runs a script of a pipeline as its shell does, with `npx fieldtrial@VERSION` being this project. */
    async function runScript(script: string, variables: Record<string, string> = {}): Promise<number> {
      const bin = join(folder.path, '.bin');
      await mkdir(bin, { recursive: true });
      const npx = `#!/bin/sh\nshift 2\nexec '${process.execPath}' '${program()}' "$@"\n`;
      await writeFile(join(bin, 'npx'), npx);
      await chmod(join(bin, 'npx'), 0o755);
      const pretended = fileURLToPath(new URL('../../support/pretend-gh.ts', import.meta.url));
      await writeFile(join(bin, 'gh'), `#!/bin/sh\nexec '${process.execPath}' '${pretended}' '${comments()}' "$@"\n`, { mode: 0o755 });
      const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: '/nonexistent', ...variables };
      return new Promise((resolve) => {
        execFile('sh', ['-ec', script], { cwd: folder.path, env }, (error) => resolve(typeof error?.code === 'number' ? error.code : 0));
      });
    }

    const breakIt = () =>
      folder.write({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('spec: {replicas:', 'spec: {replica:')) });
    const comments = () => join(folder.path, '.bin', 'comments.json');
    const readComments = async (): Promise<PullRequestComment[]> =>
      existsSync(comments()) ? JSON.parse(await readFile(comments(), 'utf8')) : [];
    const git = (...args: string[]) => promisify(execFile)('git', ['-C', folder.path, ...args], { env: GIT_ENVIRONMENT });
    const report = () => readFile(join(folder.path, 'rehearsal.md'), 'utf8');

    it('fail on GitHub when an experiment is at fault, with the report', async () => {
      const { jobs } = await example('github-actions.yaml');
      const { run } = jobs.rehearse.steps.find(({ name }: any) => name === 'Rehearse');

      const good = await runScript(run);
      await breakIt();
      const bad = await runScript(run);

      assert.deepEqual([good, bad], [0, 3]);
      assert.match(await report(), /unknown field "spec\.replica"/);
    });

    it('fail on GitLab when an experiment is at fault, with the report', async () => {
      const { rehearse } = await example('gitlab-ci.yaml');
      const script = (rehearse.script as string[]).join('\n');

      const good = await runScript(script);
      await breakIt();
      const bad = await runScript(script);

      assert.deepEqual([good, bad], [0, 3]);
      assert.match(await report(), /unknown field "spec\.replica"/);
    });

    /** What GitHub sets in a workflow of a pull request. */
    const GITHUB = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_BASE_REF: 'main', NUMBER: '7' };
    const stepOf = async (file: string, name: string) =>
      Object.values<any>((await example(file)).jobs)[0].steps.find((step: any) => step.name === name);

    it('plan on GitHub what a pull request would run, and fail with the Markdown when an experiment is not valid', async () => {
      const { run } = await stepOf('github-plan.yaml', 'Plan');
      await git('update-ref', 'refs/remotes/origin/main', 'HEAD');
      const good = await runScript(run, GITHUB);
      await folder.write({ [experimentFile('sizing')]: 'nonsense' });
      await folder.commit();
      const bad = await runScript(run, GITHUB);

      assert.deepEqual([good, bad], [0, 3]);
      assert.match(await readFile(join(folder.path, 'plan.md'), 'utf8'), /`sizing`.*invalid/);
    });

    it('keep a comment of their own each on GitHub, whatever came of them, and edit no other', async () => {
      const steps = await Promise.all(['github-actions.yaml', 'github-plan.yaml'].map((file) => stepOf(file, 'Tell the pull request')));
      const tell = async (version: string) => {
        await folder.write({ 'rehearsal.md': `# Rehearsal ${version}\n`, 'plan.md': `## Plan ${version}\n` });
        return [await runScript(steps[0].run, GITHUB), await runScript(steps[1].run, GITHUB)];
      };
      const quoted = { id: 1, user: { login: 'ada' }, body: '<!-- fieldtrial-rehearse -->\nlook at this' };
      await folder.write({ '.bin/comments.json': JSON.stringify([quoted]) });

      const codes = [await tell('one'), await tell('two')];

      assert.deepEqual(codes.flat(), [0, 0, 0, 0]);
      assert.deepEqual(
        (await readComments()).map(({ body }) => body),
        [quoted.body, '<!-- fieldtrial-rehearse -->\n# Rehearsal two\n', '<!-- fieldtrial-plan -->\n## Plan two\n'],
      );
      for (const step of steps) assert.match(step.if, /!cancelled\(\)/);
    });

    it('say nothing on GitHub where there is no report, as after wrong usage', async () => {
      const { run } = await stepOf('github-actions.yaml', 'Tell the pull request');
      await folder.write({ 'rehearsal.md': '' });

      assert.equal(await runScript(run, GITHUB), 0);
      assert.deepEqual(await readComments(), []);
    });

    it('keep one note on GitLab', async () => {
      const script = ((await example('gitlab-ci.yaml')).rehearse.script as string[]).join('\n');
      const server = await startMergeRequestServer('glpat-1');
      try {
        server.notes.push({ id: 1, body: 'looks good' });
        const variables = {
          CI_API_V4_URL: server.url,
          CI_PROJECT_ID: '42',
          CI_MERGE_REQUEST_IID: '7',
          REHEARSAL_TOKEN: 'glpat-1',
        };
        const rehearsal = (report: string, code: number) => runScript(`npx() { echo '${report}'; return ${code}; }\n${script}`, variables);

        const codes = [await rehearsal('nothing is wrong', 0), await rehearsal('1 problem', 3)];

        assert.deepEqual(codes, [0, 3]);
        assert.deepEqual(
          server.notes.map(({ body }) => body),
          ['looks good', '<!-- fieldtrial-rehearse -->\n1 problem\n'],
        );
      } finally {
        await server.close();
      }
    });

    it('use the Node that the program needs, and its version', async () => {
      const { version, engines } = JSON.parse(await read('package.json')) as { version: string; engines: { node: string } };
      const major = engines.node.replace('>=', '');

      const [github, plan, gitlab] = (await Promise.all(
        ['github-actions.yaml', 'github-plan.yaml', 'gitlab-ci.yaml'].map((name) => read(`docs/examples/ci/${name}`)),
      )) as [string, string, string];

      for (const text of [github, gitlab]) assert.ok(text.includes(`npx --yes fieldtrial@${version} rehearse`));
      assert.ok(plan.includes(`npx --yes fieldtrial@${version} plan`));
      for (const text of [github, plan]) assert.ok(text.includes(`node-version: ${major}`));
      assert.ok(gitlab.includes(`image: node:${major}`));
    });
  });
});
