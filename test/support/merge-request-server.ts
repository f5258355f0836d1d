import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Note = { id: number; body: string };

/**
 * The part of GitLab's API that keeps the notes of merge request 7 of project 42, for whoever has this token. Like GitLab it lists the
 * newest first, and 20, unless it is asked otherwise.
 */
export async function startMergeRequestServer(token: string): Promise<{ url: string; notes: Note[]; close(): Promise<void> }> {
  const notes: Note[] = [];

  async function answer(request: IncomingMessage): Promise<[status: number, body?: unknown]> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [known, id] = /^\/projects\/42\/merge_requests\/7\/notes(?:\/(\d+))?$/.exec(pathname) ?? [];
    const body = new URLSearchParams(await text(request)).get('body') ?? '';
    if (request.headers['private-token'] !== token) return [401];
    const edited = notes.find((note) => String(note.id) === id);
    if (request.method === 'PUT' && edited !== undefined) return [200, Object.assign(edited, { body })];
    if (known === undefined || id !== undefined) return [404];
    if (request.method === 'GET') {
      const listed = searchParams.get('sort') === 'asc' ? notes : notes.toReversed();
      return [200, listed.slice(0, Number(searchParams.get('per_page') ?? 20))];
    }
    if (request.method !== 'POST' || body === '') return [400];
    const note = { id: 501 + notes.length, body };
    notes.push(note);
    return [201, note];
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ([status, body]) => response.writeHead(status).end(JSON.stringify(body ?? {})),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notes,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
