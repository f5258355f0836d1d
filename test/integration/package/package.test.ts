import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../../../scripts/example/project.ts';

const run = promisify(execFile);

describe('the npm package', function () {
  this.timeout('2m');

  let folder: string;
  let program: string;
  let manifest: { version: string; bin: Record<string, string> };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-package-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PROJECT });
    // npm prints a list of one, or, since version 12, an object by name.
    const [packed] = Object.values(JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))) as [{ filename: string }];
    // As npm installs it, but for its dependencies: the bundle has them all.
    const installed = join(folder, 'node_modules/fieldtrial');
    await mkdir(installed, { recursive: true });
    await run('tar', ['--extract', '--gzip', '--strip-components=1', '--file', join(folder, packed.filename), '--directory', installed]);
    manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    program = join(installed, manifest.bin['fieldtrial']!);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('runs from its bundle alone', async () => {
    const { stdout } = await run(process.execPath, [program, '--help'], { cwd: folder });

    assert.match(stdout, /^Usage: fieldtrial \[options\] \[command\]/);
  });

  it('says the version of package.json', async () => {
    const { stdout } = await run(process.execPath, [program, 'version'], { cwd: folder });

    assert.equal(stdout.trim(), manifest.version);
  });

  it('can be called by its name: the program is executable and names node', async () => {
    const { mode } = await stat(program);

    assert.equal(mode & 0o111, 0o111);
    assert.match(await readFile(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });

  it('brings the charts that it installs, and neither sources nor tests', async () => {
    const { stdout } = await run('find', ['.', '-type', 'f'], { cwd: join(folder, 'node_modules/fieldtrial') });

    const paths = stdout.trim().split('\n').toSorted();
    assert.ok(paths.includes('./charts/prometheus/Chart.yaml'), stdout);
    assert.deepEqual(
      paths.filter(
        (path) => !/^\.\/(charts\/prometheus\/|dist\/[^/]+\.js$|bin\/fieldtrial\.js$|package\.json$|README\.md$|LICENSE$)/.test(path),
      ),
      [],
    );
  });

  it('says what it needs where Node is too old', async () => {
    const older = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '22.1.0' })`;

    const end = await run(process.execPath, ['--import', older, program, '--help'], { cwd: folder }).catch((error: unknown) => error);

    const { code, stderr } = end as { code: number; stderr: string };
    assert.equal(code, 2);
    assert.equal(stderr, 'fieldtrial needs Node 24 or later, this is 22.1.0\n');
  });
});
