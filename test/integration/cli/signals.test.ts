import assert from 'node:assert/strict';
import { startFieldtrial } from '../../support/run-fieldtrial.ts';
import { startSilentServer, type SilentServer } from '../../support/silent-server.ts';

describe('a run that is told to end before it has begun', function () {
  this.timeout(30_000);

  let server: SilentServer;

  beforeEach(async () => {
    server = await startSilentServer();
  });
  afterEach(() => server.close());

  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(`by ${signal} ends with ${exitCode} and says so`, async () => {
      const run = startFieldtrial(['run', server.url]);
      await server.asked();

      run.child.kill(signal);
      const end = await run.ended;

      assert.equal(end.exitCode, exitCode);
      assert.equal(end.stderr.trim(), `ended by ${signal}; what runs stays as it is for the next run`);
    });
  }
});
