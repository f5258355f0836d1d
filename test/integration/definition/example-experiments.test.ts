import assert from 'node:assert/strict';
import { runFieldtrial } from '../../support/run-fieldtrial.ts';

describe("this project's own experiments", () => {
  it('are valid', async () => {
    const { exitCode, stdout } = await runFieldtrial(['validate', '--output', 'json']);

    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(JSON.parse(stdout), { valid: ['cache-sizing', 'compression', 'httpd-sizing'], problems: [], notices: [] });
  });
});
