import assert from 'node:assert/strict';
import { formatRecord } from '../../../runner/ledger/record-text.ts';
import { recordPath } from '../../../runner/model/names.ts';
import { aRecord } from '../../support/builders.ts';
import { aRepository } from '../../support/definitions.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';

describe('fieldtrial status', () => {
  let remote: Remote;

  before(async () => {
    remote = await createRemote(aRepository());
    const { stdout } = await runFieldtrial(['plan', '--repository', remote.path, '-o', 'json']);
    const [{ digest }] = JSON.parse(stdout);
    const records = [
      aRecord({ number: 1, digest, assignments: { cpu: 2 }, source: { type: 'baseline' }, values: { cost: 2 } }),
      aRecord({ number: 2, digest, assignments: { cpu: 1 }, values: { cost: 1 } }),
      aRecord({ number: 3, digest, assignments: { cpu: 4 }, failure: { reason: 'OOMKilled' } }),
    ];
    const files = records.map((record) => [recordPath('sizing', record.spec.number), formatRecord(record)]);
    await remote.commit(Object.fromEntries(files), 'Record three trials', 'fieldtrial/results');
  });
  after(() => remote.cleanup());

  const status = (...args: string[]) => runFieldtrial(['status', '--repository', remote.path, ...args]);

  it('is a table of the experiments, from definitions and records', async () => {
    const { exitCode, stdout, stderr } = await status();

    const [heading, row] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(heading?.slice(0, 4), ['EXPERIMENT', 'PHASE', 'COMPLETED', 'FAILED']);
    assert.deepEqual(row?.slice(0, 4), ['sizing', 'Idle', '2', '1']);
  });

  it('lists the trials of one', async () => {
    const { stdout } = await status('sizing');

    assert.match(stdout, /^1 +Completed .*cpu=2/m);
    assert.match(stdout, /^3 +Failed +OOMKilled .*cpu=4/m);
  });

  it('is JSON and YAML for machines', async () => {
    const [json, yaml] = await Promise.all([status('-o', 'json'), status('-o', 'yaml')]);

    assert.equal(JSON.parse(json.stdout).length, 1);
    assert.match(yaml.stdout, /sizing/);
  });

  it('says which experiment was meant', async () => {
    const { exitCode, stderr } = await status('sizng');

    assert.equal(exitCode, 2);
    assert.equal(stderr, 'error: there is no experiment "sizng"; did you mean "sizing"?\n');
  });
});
