import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectServer } from '../../runner/cluster/connect.ts';
import { guardFolder } from '../../sandbox/kubelet/processes/guard-folder.ts';
import { FOLDER_MARK } from '../../sandbox/kubelet/processes/marked-processes.ts';
import { startCluster } from '../../sandbox/start-cluster.ts';
import { createExampleSlot, type ExampleFiles } from '../example/example-repository.ts';
import { PROGRAM } from '../example/project.ts';

export type DemoCluster = {
  /** Path of the kubeconfig. */
  kubeconfig: string;
  /** Variables of programs that use it: their temporary files go with it, once they have ended. */
  variables: Record<string, string>;
  /** Ends everything that runs in it. */
  close(): Promise<void>;
};

/** The sandbox with an experiment's slots, where the containers of Jobs are processes of this machine. It goes with this process at the latest. */
export async function startDemoCluster(
  slots: readonly string[],
  example: { experiment: string; files: ExampleFiles },
  { NODE_COMPILE_CACHE: compileCache = join(tmpdir(), 'node-compile-cache') }: NodeJS.ProcessEnv,
): Promise<DemoCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-demo-cluster-'));
  const guard = guardFolder(folder);
  const kubeconfig = join(folder, 'kubeconfig');
  const programs = join(folder, 'programs');
  const temporary = join(folder, 'tmp');
  await mkdir(programs);
  await mkdir(temporary);
  // Setup Jobs run the runner's image, whose command this is.
  await symlink(PROGRAM, join(programs, 'fieldtrial'));
  const sandbox = await startCluster({
    kubelet: {
      runProcesses: true,
      processPath: [programs],
      processVariables: {
        KUBECONFIG: kubeconfig,
        // Where setup Jobs mount what is to be set up: named here, it becomes the folder on this machine.
        FIELDTRIAL_FOLDER: '/fieldtrial/setup',
        // Else every container compiles the program anew.
        NODE_COMPILE_CACHE: compileCache,
      },
    },
  });
  await sandbox.kubeconfig(kubeconfig);
  const { cluster, close } = connectServer(sandbox.url);
  for (const slot of slots) await createExampleSlot(cluster, slot, example);
  await close();
  return {
    kubeconfig,
    variables: { TMPDIR: temporary, [FOLDER_MARK]: folder },
    async close() {
      await sandbox.close();
      await guard.remove();
    },
  };
}
