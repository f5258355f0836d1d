import assert from 'node:assert/strict';
import { openOutput } from '../../../runner/cli/output.ts';
import { redactor } from '../../../runner/progress/redact.ts';

function aProcess() {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text) });
  return { written, output: openOutput({ stdout: stream('stdout'), stderr: stream('stderr') }, redactor) };
}

describe('what leaves the process', () => {
  it('is data on stdout and everything else on stderr, a line each', () => {
    const { written, output } = aProcess();

    output.data('{}');
    output.data('a: 1\n');
    output.say('2 experiments valid');

    assert.deepEqual(written, { stdout: '{}\na: 1\n', stderr: '2 experiments valid\n' });
  });

  it('has secrets masked in both', () => {
    const { written, output } = aProcess();
    output.hide(['s3cr3t']);

    output.data('token s3cr3t');
    output.say('https://x:s3cr3t@host');

    assert.deepEqual(written, { stdout: 'token ***\n', stderr: 'https://x:***@host\n' });
  });

  it('is masked on a terminal too', () => {
    const written: string[] = [];
    const stderr = { isTTY: true, columns: 80, hasColors: () => true, write: (text: string) => written.push(text) };
    const output = openOutput({ stdout: stderr, stderr, env: { TERM: 'xterm' } }, redactor);
    output.hide(['s3cr3t']);

    output.terminal?.write('token s3cr3t');

    assert.deepEqual({ written, columns: output.terminal?.columns }, { written: ['token ***'], columns: 80 });
  });

  it('is drawn only on a terminal', () => {
    assert.equal(aProcess().output.terminal, undefined);
  });

  it('keeps masking what was hidden before', () => {
    const { written, output } = aProcess();
    output.hide(['first-secret']);
    output.hide(['second-secret']);

    output.data('first-secret second-secret');

    assert.equal(written.stdout, '*** ***\n');
  });
});
