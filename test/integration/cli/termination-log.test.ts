import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTerminationLog } from '../../../runner/cli/termination-log.ts';
import { aRepository, experimentFile } from '../../support/definitions.ts';
import { createRemote, type Files } from '../../support/git-repository.ts';
import { startPermissiveApiServer, type PermissiveApiServer } from '../../support/permissive-api-server.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';

describe('the termination log', function () {
  this.timeout('60s');

  let api: PermissiveApiServer;
  let folder: string;
  let file: string;

  before(async () => {
    api = await startPermissiveApiServer(['shop-1']);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-test-'));
    file = join(folder, 'termination-log');
  });
  afterEach(() => rm(folder, { recursive: true }));
  after(() => api.close());

  async function logOf(files: Files, env: Record<string, string> = {}): Promise<{ exitCode: number | null; log: string }> {
    const remote = await createRemote(files);
    const kubeconfig = join(folder, 'kubeconfig');
    await api.writeKubeconfig(kubeconfig);
    const twins = { FIELDTRIAL_KUBECONFIG: kubeconfig, FIELDTRIAL_SLOTS: 'shop-1', FIELDTRIAL_TERMINATION_LOG: file };
    const { exitCode } = await runFieldtrial(['run', remote.path, '--dry-run'], { env: { ...twins, ...env } });
    await remote.cleanup();
    return { exitCode, log: await readFile(file, 'utf8') };
  }

  it('has the problems of a run that skipped a definition before the count of its trials', async () => {
    const { exitCode, log } = await logOf({ ...aRepository(), [experimentFile('other')]: 'nonsense' });

    assert.equal(exitCode, 3);
    assert.match(log, /^experiments\/other\/experiment\.yaml:.*\ntrials: 0, failed: 0\n$/);
  });

  it('has the reason of a run that could not begin', async () => {
    const { exitCode, log } = await logOf(aRepository(), { FIELDTRIAL_SLOTS: 'shop-9' });

    assert.equal(exitCode, 4);
    assert.match(log, /^preflight failed: namespace "shop-9" does not exist/);
  });

  it('masks what must not be printed', async () => {
    const { log } = await logOf(aRepository(), { FIELDTRIAL_GIT_TOKEN: 'shop-9', FIELDTRIAL_SLOTS: 'shop-9' });

    assert.match(log, /^preflight failed: namespace "\*\*\*" does not exist/);
  });

  it('keeps the beginning of a text of which kubelet would keep the end', async () => {
    await writeTerminationLog(file, `a${'é'.repeat(5000)}`, () => {});

    const log = await readFile(file);
    assert.ok(log.length <= 4096);
    assert.match(log.toString(), /^aé+\n… cut\n$/);
  });

  it('is no failure when it cannot be written', async () => {
    const said: string[] = [];
    await mkdir(file);

    await writeTerminationLog(file, 'done', (line) => void said.push(line));

    assert.match(said.join('\n'), /^the termination log .*termination-log could not be written: EISDIR/);
  });
});
