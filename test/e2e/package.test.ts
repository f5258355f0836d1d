import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../../scripts/example/project.ts';

const run = promisify(execFile);

describe('the npm package', function () {
  this.timeout('5m');

  it('is installed by npm, dependencies and all, and called by npx', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-package-'));
    try {
      const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
      await run('npm', ['pack', '--pack-destination', folder], { cwd: PROJECT });
      await run('npm', ['install', '--prefer-offline', '--no-audit', '--prefix', folder, join(folder, `fieldtrial-${version}.tgz`)]);

      const { stdout: help } = await run('npx', ['--no', '--', 'fieldtrial', '--help'], { cwd: folder });
      const { stdout: said } = await run('npx', ['--no', '--', 'fieldtrial', 'version'], { cwd: folder });

      assert.match(help, /^Usage: fieldtrial \[options\] \[command\]/);
      assert.equal(said.trim(), version);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
