import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../clock.ts';
import type { Connection } from '../cluster/connect.ts';
import { StageFailure } from '../model/errors.ts';
import { runSetupTask } from '../setup/run-setup-task.ts';
import { connectTo } from './cluster-flags.ts';
import { withoutOwnSecrets } from '../without-own-secrets.ts';
import { readPackage } from './package-folder.ts';
import { EXIT } from './exit-code.ts';
import { proxyPasswords } from './proxy-passwords.ts';
import type { CommandContext } from './command-context.ts';

/** `fieldtrial setup`: one setup task inside its container; what it says ends up in the record when it fails. */
export async function setupCommand({ folder }: { folder: string }, { output, environment, signal }: CommandContext): Promise<number> {
  const { MODE: mode, NAME: name, NAMESPACE: namespace } = environment;
  const run = promisify(execFile);
  output.hide(proxyPasswords(environment));
  // helm wants places to write; the container's root file system may be read-only.
  const env = {
    ...withoutOwnSecrets(environment),
    HELM_CACHE_HOME: '/tmp/helm/cache',
    HELM_CONFIG_HOME: '/tmp/helm/config',
    HELM_DATA_HOME: '/tmp/helm/data',
  };
  let connecting: Promise<Connection> | undefined;
  try {
    await runSetupTask(
      { mode, name, namespace, folder },
      {
        async cluster() {
          connecting ??= connectTo({}, { environment, signal });
          return (await connecting).cluster;
        },
        ownCharts: async () => fileURLToPath(new URL('charts', (await readPackage()).folder)),
        clock: systemClock,
        say: output.say,
        async helm(args, scoped) {
          const { stdout } = await run('helm', [...args], { signal: scoped, env, maxBuffer: 64 * 1024 * 1024 });
          return stdout;
        },
      },
      signal,
    );
    return EXIT.done;
  } catch (error) {
    if (error instanceof StageFailure) {
      output.say(`${error.reason}: ${error.message}`);
      return EXIT.unexpected;
    }
    // helm's own words are the message; the call that failed is not interesting to the reader of a record.
    const stderr = (error as { stderr?: unknown }).stderr;
    if (typeof stderr !== 'string' || stderr.trim() === '') throw error;
    output.say(stderr.trim());
    return EXIT.unexpected;
  } finally {
    // One that could not be made was told above.
    await (await connecting?.catch(() => undefined))?.close();
  }
}
