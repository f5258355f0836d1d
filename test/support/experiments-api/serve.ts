/** `npm run experiments-api -- [--port 8700] [--budget 20] [--client ID:SECRET]`: the test server, for trying things by hand. */
import { parseArgs } from 'node:util';
import { startExperimentsServer } from './start-experiments-server.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8700' }, budget: { type: 'string', default: '20' }, client: { type: 'string' } },
});
const [id, secret] = values.client?.split(':') ?? [];
const client = id === undefined || secret === undefined ? undefined : { id, secret };
const { url } = await startExperimentsServer({
  port: Number(values.port),
  budget: Number(values.budget),
  ...(client && { client }),
  onRequest: (line, status) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line} ${status}\n`),
});
const access = client === undefined ? 'open to everybody' : `client ${client.id} with secret "${client.secret}"`;
process.stdout.write(`an Experiments API at ${url}, ${access}, ${values.budget} trials per experiment\n`);
