import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { startControllers } from '../../../sandbox/controllers/start-controllers.ts';
import { createStore } from '../../../sandbox/create-store.ts';
import { startKubelet, type Kubelet } from '../../../sandbox/kubelet/kubelet.ts';
import type { Store, StoredObject } from '../../../sandbox/store.ts';

describe('containers that run as processes', () => {
  let store: Store;
  let kubelet: Kubelet;
  let stop: () => Promise<void>;

  beforeEach(() => {
    store = createStore();
    kubelet = startKubelet(store, { runProcesses: true, createDelay: 0, stopDelay: 0 });
    const stopControllers = startControllers(store);
    stop = () => {
      stopControllers();
      return kubelet.stop();
    };
  });

  afterEach(() => stop());

  it('exit with their own code, and their output is their log', async () => {
    createJob(['node', '-e', 'console.log("out"); console.error("err"); process.exitCode = 3']);

    const pod = await untilPod(({ status }) => status?.phase === 'Failed');

    const { exitCode, reason } = pod.status.containerStatuses[0].state.terminated;
    assert.deepEqual([exitCode, reason], [3, 'Error']);
    assert.deepEqual(logOf(pod).split('\n').sort(), ['', 'err', 'out']);
  });

  it('see the variables of their container, not those of this process', async () => {
    const env = [
      { name: 'SIZE', value: '8' },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    const print = 'console.log(process.env.SIZE, process.env.POD, process.argv[1], Object.keys(process.env).sort().join())';
    createJob(['node', '-e', print], { env, args: ['size=$(SIZE)'] });

    const pod = await untilPod(({ status }) => status?.phase === 'Succeeded');

    assert.equal(logOf(pod), `8 ${pod.metadata.name} size=8 FIELDTRIAL_SANDBOX_CONTAINER,HOME,HOSTNAME,PATH,POD,SIZE,TMPDIR\n`);
  });

  it('find the programs and the variables that stand in for an image and an account, with their folders in place', async () => {
    await kubelet.stop();
    const programs = await mkdtemp(join(tmpdir(), 'fieldtrial-programs-'));
    await writeFile(
      join(programs, 'tool'),
      '#!/usr/bin/env node\nconsole.log(process.env.ACCOUNT, process.env.OWN, process.env.FOLDER)\n',
      {
        mode: 0o755,
      },
    );
    const processVariables = { ACCOUNT: 'of the node', OWN: 'of the node', FOLDER: '/data' };
    kubelet = startKubelet(store, { runProcesses: true, createDelay: 0, stopDelay: 0, processPath: [programs], processVariables });
    const volumes = [{ name: 'data', emptyDir: {} }];
    createJob(
      ['tool'],
      { env: [{ name: 'OWN', value: 'of the container' }], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      { volumes },
    );

    const pod = await untilPod(({ status }) => status?.phase === 'Succeeded');

    assert.match(logOf(pod), /^of the node of the container \/.+\/volumes\/data\n$/);
    await rm(programs, { recursive: true });
  });

  it('find their volumes where their arguments name them', async () => {
    store.create(store.kind('v1', 'ConfigMap'), 'default', {
      metadata: { name: 'scripts' },
      data: { 'main.js': 'require("fs").writeFileSync(process.argv[2], "kept"); console.log(__filename)' },
    });
    const volumes = [
      { name: 'scripts', configMap: { name: 'scripts' } },
      { name: 'scratch', emptyDir: {} },
    ];
    const volumeMounts = [
      { name: 'scripts', mountPath: '/scripts' },
      { name: 'scratch', mountPath: '/scratch' },
    ];
    const read = {
      name: 'reader',
      image: 'any',
      command: ['node', '-p', 'require("fs").readFileSync("/scratch/file", "utf8")'],
      volumeMounts,
    };
    createJob(['node', '/scripts/main.js', '/scratch/file'], { volumeMounts }, { volumes, reader: read });

    const pod = await untilPod(({ status }) => status?.phase === 'Succeeded');

    const script = logOf(pod, 'init').trim();
    assert.equal(logOf(pod), 'kept\n');
    assert.match(script, /scripts\/main\.js$/);
    store.remove(store.kind('v1', 'Pod'), 'default', pod.metadata.name);
    store.remove(store.kind('batch/v1', 'Job'), 'default', 'work', { propagation: 'Background' });
    await until(() => store.list(store.kind('v1', 'Pod'), 'default').length === 0);
    assert.equal(existsSync(script), false);
  });

  it('do not start without what they refer to', async () => {
    createJob(['node', '-v'], { envFrom: [{ configMapRef: { name: 'missing' } }] });

    const pod = await untilPod(({ status }) => status?.containerStatuses?.[0].state.waiting?.reason === 'CreateContainerConfigError');

    assert.equal(pod.status.containerStatuses[0].state.waiting.message, 'configmap "missing" not found');
  });

  it('exit with 127 when there is no such program', async () => {
    createJob(['no-such-program']);

    const pod = await untilPod(({ status }) => status?.phase === 'Failed');

    assert.equal(pod.status.containerStatuses[0].state.terminated.exitCode, 127);
    assert.match(logOf(pod), /no-such-program ENOENT/);
  });

  it('are asked to end when their pod is deleted', async () => {
    createJob([
      'node',
      '-e',
      'process.on("SIGTERM", () => { console.log("ending"); process.exit(0) }); setInterval(() => {}, 1e6); console.log("up")',
    ]);
    const pod = await untilPod((each) => logOf(each) === 'up\n');
    const exits: number[] = [];
    store.subscribe(({ object }) => {
      const { exitCode } = object.status?.containerStatuses?.[0].state.terminated ?? {};
      if (exitCode !== undefined) exits.push(exitCode);
    });

    store.remove(store.kind('batch/v1', 'Job'), 'default', 'work', { propagation: 'Background' });
    await until(() => store.get(store.kind('v1', 'Pod'), 'default', pod.metadata.name) === undefined);

    assert.equal(exits[0], 0);
  });

  it('end, with what they have started, when the kubelet stops', async () => {
    createJob(['sh', '-c', `node -e '${LISTEN}' & wait`]);
    const pod = await untilPod((each) => logOf(each).endsWith('\n'));
    const { closed } = await openConnection(logOf(pod));

    await kubelet.stop();

    await closed;
  });

  it('end also when the process that runs the cluster is killed, and leave no folder', async () => {
    const { closed, folder } = await killHolder(`node -e '${LISTEN}' & wait`);

    await closed;
    await until(() => !existsSync(folder));
  });

  if (process.platform === 'linux') {
    it('end, with what has left their process group, when they exit', async () => {
      createJob(['sh', '-c', `setsid node -e '${LISTEN}' & while [ ! -e over ]; do sleep 0.05; done`]);
      const pod = await untilPod((each) => logOf(each).endsWith('\n'));
      const { closed, folder } = await openConnection(logOf(pod));

      await writeFile(join(folder, 'over'), '');

      await closed;
      await untilPod(({ status }) => status?.phase === 'Succeeded');
    });

    it('end, with what has left their process group, when the process that runs the cluster is killed', async () => {
      const { closed, folder } = await killHolder(`setsid node -e '${LISTEN}' & wait`);

      await closed;
      await until(() => !existsSync(folder));
    });
  }

  /** Kills a process with a cluster of its own while a Job runs a shell script there. */
  async function killHolder(script: string) {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', holderSource(script)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(holder.stdout), 'line');
    const connection = await openConnection(line);
    holder.kill('SIGKILL');
    return connection;
  }

  function createJob(command: string[], container: object = {}, { volumes, reader }: { volumes?: object[]; reader?: object } = {}): void {
    const main = { name: 'main', image: 'any', command, ...container };
    store.create(
      store.kind('batch/v1', 'Job'),
      'default',
      aJob({
        ...(volumes && { volumes }),
        ...(reader ? { initContainers: [{ ...main, name: 'init' }], containers: [{ ...reader, name: 'main' }] } : { containers: [main] }),
      }),
    );
  }

  function untilPod(condition: (pod: StoredObject) => boolean): Promise<StoredObject> {
    return until(() => store.list(store.kind('v1', 'Pod'), 'default').find(condition));
  }

  function logOf({ metadata: { name, uid } }: StoredObject, container = 'main'): string {
    return kubelet.logs.read({ namespace: 'default', name, uid }, container) ?? '';
  }
});

function aJob(podSpec: object) {
  return { metadata: { name: 'work' }, spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', ...podSpec } } } };
}

/** A program that listens until it is ended, and prints its port and its folder; the end of a connection to it is its own. */
const LISTEN =
  'const server = require("net").createServer().listen(0, "127.0.0.1", () => console.log(server.address().port, process.cwd()))';

/** A connection to such a program that is open; `closed` resolves when it is not any more, be it by a reset. */
async function openConnection(line: string): Promise<{ closed: Promise<void>; folder: string }> {
  const [, port, folder] = /^(\d+) (.+)/.exec(line) ?? assert.fail(line);
  const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
  socket.resume();
  await once(socket, 'connect');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  return { closed, folder: folder! };
}

/** A program that runs a shell script as a Job's container, and passes its output on. */
function holderSource(script: string): string {
  const module = new URL('../../../sandbox/start-cluster.ts', import.meta.url).href;
  const job = aJob({ containers: [{ name: 'main', image: 'any', command: ['sh', '-c', script] }] });
  return `
    import { startCluster } from ${JSON.stringify(module)};
    const { store, url } = await startCluster({ kubelet: { runProcesses: true, createDelay: 0, stopDelay: 0 } });
    store.create(store.kind('batch/v1', 'Job'), 'default', ${JSON.stringify(job)});
    for (let log = ''; !log.endsWith('\\n'); ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const [pod] = store.list(store.kind('v1', 'Pod'), 'default');
      const answer = pod && (await fetch(url + '/api/v1/namespaces/default/pods/' + pod.metadata.name + '/log'));
      log = answer?.ok ? await answer.text() : '';
      process.stdout.write(log);
    }
  `;
}

async function until<Value>(ask: () => Value | undefined | false): Promise<Value> {
  for (;;) {
    const value = ask();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
