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
  let stop: () => void;

  beforeEach(() => {
    store = createStore();
    kubelet = startKubelet(store, { runProcesses: true, createDelay: 0, stopDelay: 0 });
    const stopControllers = startControllers(store);
    stop = () => {
      kubelet.stop();
      stopControllers();
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

    assert.equal(logOf(pod), `8 ${pod.metadata.name} size=8 HOME,HOSTNAME,PATH,POD,SIZE,TMPDIR\n`);
  });

  it('find the programs and the variables that stand in for an image and an account, with their folders in place', async () => {
    kubelet.stop();
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

    kubelet.stop();

    await closed;
  });

  it('end also when the process that runs the cluster is killed', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', holderSource()], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(holder.stdout), 'line');
    const { closed } = await openConnection(line);

    holder.kill('SIGKILL');

    await closed;
  });

  function createJob(command: string[], container: object = {}, { volumes, reader }: { volumes?: object[]; reader?: object } = {}): void {
    const main = { name: 'main', image: 'any', command, ...container };
    store.create(store.kind('batch/v1', 'Job'), 'default', {
      metadata: { name: 'work' },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            ...(volumes && { volumes }),
            ...(reader
              ? { initContainers: [{ ...main, name: 'init' }], containers: [{ ...reader, name: 'main' }] }
              : { containers: [main] }),
          },
        },
      },
    });
  }

  function untilPod(condition: (pod: StoredObject) => boolean): Promise<StoredObject> {
    return until(() => store.list(store.kind('v1', 'Pod'), 'default').find(condition));
  }

  function logOf({ metadata: { name, uid } }: StoredObject, container = 'main'): string {
    return kubelet.logs.read({ namespace: 'default', name, uid }, container) ?? '';
  }
});

/** A program that listens until it is ended, and prints its port; the end of a connection to it is its own. */
const LISTEN = 'const server = require("net").createServer().listen(0, "127.0.0.1", () => console.log(server.address().port))';

/** A connection that is open; `closed` resolves when it is not any more, be it by a reset. */
async function openConnection(port: string): Promise<{ closed: Promise<void> }> {
  const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
  socket.resume();
  await once(socket, 'connect');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  return { closed };
}

/** A program that runs a process as a container does, and passes its output on. */
function holderSource(): string {
  const module = new URL('../../../sandbox/kubelet/processes/watched-process.ts', import.meta.url).href;
  return `
    import { startWatchedProcess } from ${JSON.stringify(module)};
    startWatchedProcess({
      command: [process.execPath, '-e', ${JSON.stringify(LISTEN)}],
      environment: {},
      folder: '.',
      write: (text) => process.stdout.write(text),
      exited: () => {},
    });
  `;
}

async function until<Value>(ask: () => Value | undefined | false): Promise<Value> {
  for (;;) {
    const value = ask();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
