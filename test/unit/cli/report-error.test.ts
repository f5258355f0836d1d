import assert from 'node:assert/strict';
import { Interrupted, reportError } from '../../../runner/cli/report-error.ts';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import { InvalidInput, PreflightFailed, RecordFailed, UsageError } from '../../../runner/model/errors.ts';

describe('reporting an error', () => {
  const cases: [Error, number, string][] = [
    [new UsageError('there is no experiment "a"'), 2, 'error: there is no experiment "a"'],
    [
      new InvalidInput([
        { file: 'e.yaml', line: 3, path: 'spec.replicas', message: 'is negative' },
        { file: 'f.yaml', path: '', message: 'holds no document' },
      ]),
      3,
      'e.yaml:3: spec.replicas: is negative\nf.yaml: holds no document',
    ],
    [new PreflightFailed('repository x does not exist'), 4, 'preflight failed: repository x does not exist'],
    [new ClusterError(403, 'Forbidden', 'jobs.batch is forbidden'), 4, 'the cluster refused: jobs.batch is forbidden'],
    [new RecordFailed('refused the push'), 7, 'records are not pushed: refused the push'],
    [new Interrupted('SIGINT'), 130, 'ended by SIGINT; what runs stays as it is for the next run'],
    [new Interrupted('SIGTERM'), 143, 'ended by SIGTERM; what runs stays as it is for the next run'],
  ];
  for (const [error, exitCode, text] of cases) {
    it(`says of ${error.name} what it says, with exit code ${exitCode} and without a stack`, () => {
      assert.deepEqual(reportError(error), { exitCode, text });
    });
  }

  it('shows a bug as what it is: with its stack and its causes', () => {
    const cause = new Error('the cause');

    const { exitCode, text } = reportError(new TypeError('undefined is not a function', { cause }));

    assert.equal(exitCode, 1);
    assert.match(text, /^unexpected, please report it:\nTypeError: undefined is not a function\n\s+at .*report-error\.test\.ts/);
    assert.match(text, /\ncaused by: Error: the cause\n/);
  });

  it('shows what is thrown and is no error', () => {
    assert.equal(reportError('oops').text, 'unexpected, please report it:\noops');
  });
});
