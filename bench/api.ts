import { Agent, request } from 'undici';

/** How to reach an API server, and as whom. */
export type Access = { server: string; ca: string; token?: string; cert?: string; key?: string };

/** The least that speaks to an API server: no retries, no discovery, no models. */
export type Api = {
  /** Throws when the answer is not a success. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<any>;
  /** Hands on every event of a watch until `close`. */
  watch(path: string, onEvent: (event: { type: string; object: any }) => void): Promise<void>;
  close(): Promise<void>;
};

export function openApi({ server, ca, token, cert, key }: Access): Api {
  const tls = { connect: { ca, cert, key }, allowH2: false };
  const calls = new Agent(tls);
  const watches = new Agent({ ...tls, bodyTimeout: 0 });
  const headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  let closed = false;

  return {
    async call(method, path, body) {
      const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
      const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { ...headers, 'content-type': type } };
      // undici would give up the connection after a DELETE with a body.
      const answer = await request(server + path, { method, dispatcher: calls, reset: false, headers, ...sent });
      if (answer.statusCode < 300) return answer.body.json();
      throw new Error(`${method} ${path}: ${answer.statusCode} ${await answer.body.text()}`);
    },

    async watch(path, onEvent) {
      const { body } = await request(`${server}${path}${path.includes('?') ? '&' : '?'}watch=true`, { dispatcher: watches, headers });
      const decoder = new TextDecoder();
      let begun = '';
      try {
        for await (const chunk of body) {
          const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
          begun = lines.pop() ?? '';
          for (const line of lines) onEvent(JSON.parse(line));
        }
      } catch (error) {
        if (!closed) throw error;
      }
    },

    async close() {
      closed = true;
      await Promise.all([calls.destroy(), watches.destroy()]);
    },
  };
}
