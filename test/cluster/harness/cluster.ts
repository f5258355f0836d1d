import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseEnv, promisify } from 'node:util';

/** What pods become: containers on a real node, simulated ones that run and finish at once, or nothing at all. */
export type ClusterKind = 'node' | 'fake-nodes' | 'control-plane';

export type ClusterOptions = {
  /** Number of simulated nodes [1]; only for `fake-nodes`. */
  fakeNodes?: number;
  /** Further flags of kube-apiserver, such as `--audit-log-path=…`. */
  apiServerFlags?: readonly string[];
  /** Further flags of kube-controller-manager, such as `--kube-api-qps=1000` for throughput. */
  controllerManagerFlags?: readonly string[];
};

export type TestCluster = {
  /** Path of an administrator's kubeconfig. */
  kubeconfig: string;
  /** This machine as pods see it, for servers that tests start; undefined where no pod really runs or nobody knows. */
  hostAddress: string | undefined;
  /** Makes the images of a docker-archive or OCI archive available to pods; returns their tags. */
  loadImage(archive: string): Promise<string[]>;
  /** Makes an image out of the working tree, if there is a new one to make; returns its tag. */
  runnerImage(): Promise<string>;
  /** Makes an image out of this machine's Prometheus; returns its tag. */
  prometheusImage(): Promise<string>;
  /** Makes an image out of this machine's Pushgateway; returns its tag. */
  pushgatewayImage(): Promise<string>;
  /** Ends the cluster and waits until nothing of it is left; does nothing to a cluster that was there before. */
  stop(): Promise<void>;
};

/**
 * The cluster that TEST_KUBECONFIG names, else a new one of this kind.
 *
 * @throws when no cluster can run here; the message lists all that is missing.
 */
export async function testCluster(
  kind: ClusterKind,
  options: ClusterOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TestCluster> {
  const kubeconfig = environment['TEST_KUBECONFIG'];
  return kubeconfig ? existingCluster(kubeconfig, environment) : startCluster(kind, options, environment);
}

/**
 * Starts a cluster of its own, beside any others, and returns once it is ready (10 s; the first time on a machine,
 * Kubernetes is built before, which takes minutes). It ends with this process at the latest.
 *
 * @throws when no cluster can run here; the message lists all that is missing.
 */
export async function startCluster(
  kind: ClusterKind,
  options: ClusterOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TestCluster> {
  const name = ['--name', `test-${randomUUID().slice(0, 8)}`];
  const owner = ['--owner', String(process.pid)];
  const settings = {
    ...environment,
    FIELDTRIAL_CLUSTER_STATE: '',
    ...(options.apiServerFlags && { APISERVER_FLAGS: options.apiServerFlags.join(' ') }),
    ...(options.controllerManagerFlags && { KCM_FLAGS: options.controllerManagerFlags.join(' ') }),
  };
  const kubeconfig = await runScript('up.sh', [...name, ...owner, ...argumentsOf(kind, options)], settings);
  return {
    ...(await existingCluster(kubeconfig, environment)),
    stop: async () => {
      await runScript('down.sh', name, settings);
    },
  };
}

function argumentsOf(kind: ClusterKind, { fakeNodes = 1 }: ClusterOptions): string[] {
  switch (kind) {
    case 'node':
      return [];
    case 'fake-nodes':
      return ['--fake-nodes', String(fakeNodes)];
    case 'control-plane':
      return ['--no-node'];
  }
}

/** A cluster that somebody else starts and stops; images can be loaded when up.sh has started it. */
async function existingCluster(kubeconfig: string, environment: NodeJS.ProcessEnv): Promise<TestCluster> {
  const state = dirname(kubeconfig);
  const description = await describe(state);
  const image = async (...command: string[]): Promise<string> => {
    if (!description) {
      throw new Error(`Images cannot be loaded into the cluster of ${kubeconfig}, which test/cluster/harness did not start`);
    }
    return runScript('image.sh', command, { ...environment, FIELDTRIAL_CLUSTER_STATE: state });
  };
  return {
    kubeconfig,
    hostAddress: description?.['host_address'],
    loadImage: async (archive) => (await image('load', archive)).split('\n'),
    runnerImage: () => image('runner'),
    prometheusImage: () => image('prometheus'),
    pushgatewayImage: () => image('pushgateway'),
    stop: async () => {},
  };
}

/** What up.sh has written about its cluster; undefined for a cluster of another origin. */
async function describe(state: string): Promise<NodeJS.Dict<string> | undefined> {
  try {
    return parseEnv(await readFile(join(state, 'cluster.env'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs a script of this folder and returns what it prints; its complaints become the error's message. */
async function runScript(script: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const path = join(import.meta.dirname, script);
  try {
    const { stdout } = await promisify(execFile)('bash', [path, ...args], { env });
    return stdout.trim();
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(stderr?.trim() || `${path} failed`, { cause: error });
  }
}
