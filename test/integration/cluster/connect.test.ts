import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { connectCluster, type ConnectOptions } from '../../../runner/cluster/connect.ts';
import { isTransient } from '../../../runner/cluster/errors.ts';
import { sendJson, sendStatus, startServer, type Answer } from './scripted-server.ts';
import { turnedClock } from './turned-clock.ts';

const { signal } = new AbortController();
const REF = { apiVersion: 'v1', kind: 'ConfigMap', name: 'sizes', namespace: 'shop' };

describe('connectCluster', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-connect-'));
    file = join(folder, 'config');
  });

  afterEach(() => rm(folder, { recursive: true }));

  describe('the kubeconfig', () => {
    it('is the file that is named, with its current context', async () => {
      await using server = await startServer(answerVersion);
      await writeFile(file, kubeconfig(server.url, { token: 'secret' }));

      const connection = await connectCluster({ kubeconfig: file });
      await connection.close();

      const { context, namespace } = connection;
      assert.deepEqual({ server: connection.server, context, namespace }, { server: server.url, context: 'dev', namespace: 'shop' });
      assert.equal(server.requests[0]!.headers.authorization, 'Bearer secret');
    });

    it('is used under the name that the caller gives, which audit logs show', async () => {
      await using server = await startServer(answerVersion);
      await writeFile(file, kubeconfig(server.url));

      const connection = await connectCluster({ kubeconfig: file, userAgent: 'fieldtrial/1.0.0 (linux/x64)' });
      await connection.close();

      assert.equal(server.requests[0]!.headers['user-agent'], 'fieldtrial/1.0.0 (linux/x64)');
    });

    it('gives a context without a namespace the default one', async () => {
      await using server = await startServer(answerVersion);
      await writeFile(file, kubeconfig(server.url));

      const connection = await connectCluster({ kubeconfig: file, context: 'bare' });
      await connection.close();

      assert.equal(connection.namespace, 'default');
    });

    it('is merged from the files of KUBECONFIG, the first one winning', async () => {
      await using server = await startServer(answerVersion);
      const other = join(folder, 'other');
      await writeFile(
        file,
        'kind: Config\ncontexts: [{name: dev, context: {cluster: c, user: u, namespace: first}}]\ncurrent-context: dev\n',
      );
      await writeFile(other, kubeconfig(server.url));

      const connection = await connectCluster({ env: { KUBECONFIG: [file, other].join(delimiter) } });
      await connection.close();

      assert.equal(connection.namespace, 'first');
    });

    it('is the service account of a pod where there is no file', async () => {
      await Promise.all([
        writeFile(join(folder, 'token'), 'mounted'),
        writeFile(join(folder, 'namespace'), 'runners\n'),
        writeFile(join(folder, 'ca.crt'), ''),
      ]);
      const env = { HOME: folder, KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '1' };

      await assert.rejects(connectCluster({ env, serviceAccount: folder, clock: turnedClock() }), {
        name: 'PreflightFailed',
        message: /^the pod's service account, context "in-cluster": the cluster at https:\/\/\[::1\]:1 cannot be used: /,
      });
    });

    it('is missed in one sentence that names the file', async () => {
      await rejects({ kubeconfig: file }, `kubeconfig ${file} does not exist`);
    });

    it('is missed in one sentence that names the places', async () => {
      await rejects(
        { env: { HOME: folder } },
        `no cluster to connect to: KUBECONFIG is not set, ${join(folder, '.kube', 'config')} does not exist, and this is no pod with a service account; name a file with --kubeconfig`,
      );
    });

    it('has to have the context', async () => {
      await writeFile(file, kubeconfig('https://127.0.0.1:1'));

      await rejects({ kubeconfig: file, context: 'prod' }, `kubeconfig ${file} has no context "prod"; its contexts are: dev, bare, broken`);
    });

    it("has to have the context's cluster", async () => {
      await writeFile(file, kubeconfig('https://127.0.0.1:1'));

      await rejects(
        { kubeconfig: file, context: 'broken' },
        `kubeconfig ${file}: context "broken" names the cluster "gone", which it does not define`,
      );
    });

    it('is not quoted when it cannot be read, for it holds secrets', async () => {
      await writeFile(file, 'users:\n- name: u\n  user: {token: secret}\n bad indentation\n');

      await assert.rejects(connectCluster({ kubeconfig: file }), (error: Error) => {
        assert.equal(error.name, 'PreflightFailed');
        assert.match(error.message, new RegExp(`^kubeconfig ${file} cannot be used: `));
        assert.doesNotMatch(error.message, /secret/);
        assert.equal(error.cause, undefined);
        return true;
      });
    });

    it('has to be one', async () => {
      await writeFile(file, '');

      await assert.rejects(connectCluster({ kubeconfig: file }), {
        name: 'PreflightFailed',
        message: /cannot be used/,
      });
    });
  });

  describe('the server', () => {
    it('is named, with file and context, when it is down', async () => {
      const server = await startServer(answerVersion);
      await server[Symbol.asyncDispose]();
      await writeFile(file, kubeconfig(server.url));

      await assert.rejects(connectCluster({ kubeconfig: file, clock: turnedClock() }), {
        name: 'PreflightFailed',
        message: new RegExp(`^kubeconfig ${file}, context "dev": the cluster at ${server.url} cannot be used: .*ECONNREFUSED`),
      });
    });

    it('has to be a Kubernetes API server', async () => {
      await using server = await startServer((_, response) => sendJson(response, { hello: 'world' }));
      await writeFile(file, kubeconfig(server.url));

      await assert.rejects(connectCluster({ kubeconfig: file }), {
        name: 'PreflightFailed',
        message: /is it a Kubernetes API server\?/,
      });
    });
  });

  describe('credentials', () => {
    it('are read again, once, when the server refuses them', async () => {
      await using server = await startServer(acceptToken('new'));
      await writeFile(file, kubeconfig(server.url, { token: 'new' }));
      const connection = await connectCluster({ kubeconfig: file });
      await writeFile(file, kubeconfig(server.url, { token: 'newer' }));

      const before = await connection.cluster.read(REF, signal);
      server.requests.length = 0;
      server.answer(acceptToken('newer'));
      const after = await Promise.all([connection.cluster.read(REF, signal), connection.cluster.read(REF, signal)]);
      await connection.close();

      assert.ok(before);
      assert.ok(after.every((found) => found !== undefined));
      assert.equal(server.requests.filter(({ headers }) => headers.authorization === 'Bearer newer').length, 2);
    });

    it('that were lost meanwhile are a failure of the infrastructure', async () => {
      await using server = await startServer(answerVersion);
      await writeFile(file, kubeconfig(server.url, { token: 'old' }));
      const connection = await connectCluster({ kubeconfig: file, retryBudget: 0 });
      await rm(file);
      server.answer(acceptToken('new'));

      await assert.rejects(connection.cluster.read(REF, signal), (error) => isTransient(error));

      await connection.close();
    });

    it('that stay refused are an error without them', async () => {
      await using server = await startServer(acceptToken('other'));
      await writeFile(file, kubeconfig(server.url, { token: 'secret' }));

      await assert.rejects(connectCluster({ kubeconfig: file }), (error: Error) => {
        assert.equal(error.name, 'PreflightFailed');
        assert.match(error.message, /Unauthorized/);
        assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), /secret/);
        return true;
      });
      assert.equal(server.requests.length, 2);
    });

    it('come from a program where the kubeconfig says so', async () => {
      await using server = await startServer(acceptToken('issued'));
      const issued = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token: 'issued' },
      };
      await writeFile(file, kubeconfig(server.url, exec(`console.log(${JSON.stringify(JSON.stringify(issued))})`)));

      const connection = await connectCluster({ kubeconfig: file });
      await connection.close();

      assert.equal(server.requests[0]!.headers.authorization, 'Bearer issued');
    });

    it('that cannot be had are said to be, with the words of the program', async () => {
      await using server = await startServer(answerVersion);
      await writeFile(file, kubeconfig(server.url, exec('console.error("please log in"); process.exit(1)')));

      await assert.rejects(connectCluster({ kubeconfig: file, retryBudget: 0 }), (error: Error) => {
        assert.match(error.message, /the credentials of the user "u" cannot be had: please log in/);
        assert.ok(isTransient(error.cause));
        return true;
      });
    });

    it('do not keep a caller waiting who gave up', async () => {
      await using server = await startServer(answerVersion);
      await writeFile(file, kubeconfig(server.url, exec('setTimeout(() => {}, 2000)')));

      await assert.rejects(connectCluster({ kubeconfig: file, signal: AbortSignal.abort(new Error('enough')) }), {
        message: 'enough',
      });
    });
  });

  async function rejects(options: ConnectOptions, message: string): Promise<void> {
    await assert.rejects(connectCluster(options), { name: 'PreflightFailed', message });
  }
});

const answerVersion: Answer = ({ path }, response) =>
  sendJson(response, path === '/version' ? { gitVersion: 'v1.36.3' } : { metadata: {} });

function acceptToken(token: string): Answer {
  return (request, response, nth) => {
    if (request.headers.authorization === `Bearer ${token}`) answerVersion(request, response, nth);
    else sendStatus(response, 401, 'Unauthorized');
  };
}

function exec(script: string) {
  const apiVersion = 'client.authentication.k8s.io/v1';
  return { exec: { apiVersion, command: process.execPath, args: ['--eval', script], interactiveMode: 'Never' } };
}

/** JSON, which is YAML too. */
function kubeconfig(server: string, user: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'dev', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'bare', context: { cluster: 'c', user: 'u' } },
      { name: 'broken', context: { cluster: 'gone', user: 'u' } },
    ],
    'current-context': 'dev',
  });
}
