import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A connection to an API server through this process, which can cut it. */
export type Line = {
  /** For whoever is to use it. */
  kubeconfig: string;
  /** `refused`: as a server that is being restarted; `silent`: as a network that swallows everything. */
  cut(how: 'refused' | 'silent'): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
};

/** The server's certificate must be good for 127.0.0.1. The new kubeconfig is written to `path`. */
export async function openLine(kubeconfig: string, path: string): Promise<Line> {
  const text = await readFile(kubeconfig, 'utf8');
  const [address = ''] = /https:\/\/[^\s"']+/.exec(text) ?? [];
  const { hostname, port } = new URL(address);
  const sockets = new Set<Socket>();
  let isSilent = false;

  const server = createServer((near) => {
    const far = connect(Number(port || 443), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // Either end may go at any time: the other one follows, and the runner is what is tested.
      from
        .on('error', () => to.destroy())
        .on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      from.on('data', (data) => to.write(data));
      if (isSilent) from.pause();
    }
  });

  const listen = async (on: number) => {
    server.listen(on, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server.close(), 'close');
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  const local = await listen(0);
  await writeFile(path, text.replace(address, `https://127.0.0.1:${local}`), { mode: 0o600 });
  return {
    kubeconfig: path,
    async cut(how) {
      if (how === 'refused') return refuse();
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    async mend() {
      isSilent = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen(local);
    },
    close: refuse,
  };
}
