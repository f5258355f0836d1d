import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { aRepository, experimentFile, experimentText } from '../../support/definitions.ts';
import { PROJECT } from '../../../scripts/example/project.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';
import { createWorkingFolder, type WorkingFolder } from '../../support/working-folder.ts';

const read = (path: string) => readFile(join(PROJECT, path), 'utf8');
const example = async (name: string): Promise<any> => load(await read(`docs/examples/ci/${name}`));

describe('docs/ci.md', function () {
  this.timeout('60s');

  it('shows the pipelines as they are', async () => {
    const page = await read('docs/ci.md');

    for (const name of ['github-actions.yaml', 'gitlab-ci.yaml']) assert.ok(page.includes(await read(`docs/examples/ci/${name}`)), name);
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
      const npx = `#!/bin/sh\nshift 2\nexec '${process.execPath}' '${join(PROJECT, 'bin', 'fieldtrial.js')}' "$@"\n`;
      await writeFile(join(bin, 'npx'), npx);
      await chmod(join(bin, 'npx'), 0o755);
      const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: '/nonexistent', ...variables };
      return new Promise((resolve) => {
        execFile('sh', ['-ec', script], { cwd: folder.path, env }, (error) => resolve(typeof error?.code === 'number' ? error.code : 0));
      });
    }

    const breakIt = () =>
      folder.write({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('spec: {replicas:', 'spec: {replica:')) });
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

    it('use the Node that the program needs, and its version', async () => {
      const { version, engines } = JSON.parse(await read('package.json')) as { version: string; engines: { node: string } };
      const major = engines.node.replace('>=', '');

      const [github, gitlab] = [await read('docs/examples/ci/github-actions.yaml'), await read('docs/examples/ci/gitlab-ci.yaml')];

      for (const text of [github, gitlab]) assert.ok(text.includes(`npx --yes fieldtrial@${version} rehearse`));
      assert.ok(github.includes(`node-version: ${major}`));
      assert.ok(gitlab.includes(`image: node:${major}`));
    });
  });
});
