import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A real OpenSSH server that lets one key in. */
export type SshServer = {
  /** `ssh://user@host:port`; a path follows. */
  url: string;
  /** The key that is let in, and what vouches for the server. */
  keyFile: string;
  knownHostsFile: string;
  close(): Promise<void>;
};

const SSHD = '/usr/sbin/sshd';

/**
 * Its files are in the folder; it listens on this address of the machine. A `hostKey` of another name is another host key. Throws when
 * openssh-server is not installed.
 */
export async function startSshServer(folder: string, hostKey = 'host', address = '127.0.0.1'): Promise<SshServer> {
  await access(SSHD).catch(() => assertInstalled());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Where sshd as root separates its privileges.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const [host, client] = [join(folder, hostKey), join(folder, 'client')];
  for (const file of [host, client]) await makeKey(file);
  const port = await freePort(address);
  const config = join(folder, 'sshd_config');
  await writeFile(
    config,
    [
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${host}`,
      `AuthorizedKeysFile ${client}.pub`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
    ].join('\n'),
  );
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: 'ignore' });
  const knownHostsFile = join(folder, `known_hosts.${hostKey}`);
  const [type, key] = (await readFile(`${host}.pub`, 'utf8')).split(' ');
  await writeFile(knownHostsFile, `[${address}]:${port} ${type} ${key}\n`);
  await answers(address, port, AbortSignal.timeout(10_000));
  return {
    url: `ssh://${userInfo().username}@${address}:${port}`,
    keyFile: client,
    knownHostsFile,
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

function assertInstalled(): never {
  throw new Error('there is no /usr/sbin/sshd; install it with apt-get install openssh-server');
}

/** A key without a passphrase; one that is there stays. */
export async function makeKey(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'fieldtrial', '-f', file]);
}

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await once(server.listen(0, address), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

async function answers(address: string, port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const socket = connect(port, address);
    const isOpen = await once(socket, 'data', { signal }).then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    signal.throwIfAborted();
    await sleep(50, undefined, { signal });
  }
}
