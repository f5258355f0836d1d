import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFieldtrial } from '../../support/run-fieldtrial.ts';

describe('a run that is told to end before it has begun', function () {
  this.timeout(30_000);

  let server: Server;
  let url: string;

  beforeEach(async () => {
    // A git server that never answers.
    server = createServer(() => undefined);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop.git`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(`by ${signal} ends with ${exitCode} and says so`, async () => {
      const run = startFieldtrial(['run', url]);
      await once(server, 'request');

      run.child.kill(signal);
      const end = await run.ended;

      assert.equal(end.exitCode, exitCode);
      assert.equal(end.stderr.trim(), `ended by ${signal}; what runs stays as it is for the next run`);
    });
  }
});
