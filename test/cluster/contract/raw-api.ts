import { request } from 'undici';

import { createCredentials, noCredentials } from '../../../runner/cluster/credentials.ts';
import { loadKubeconfig } from '../../../runner/cluster/kubeconfig.ts';
import { systemClock } from '../../../runner/clock.ts';

export type RawRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  contentType?: string;
  accept?: string;
};

/** The text of an answer that is no JSON. */
export type RawAnswer = { code: number; body: any; warnings: string[] };

/** One API server, as HTTP has it: nothing retried, nothing interpreted. */
export type RawApi = { send(request: RawRequest): Promise<RawAnswer>; close(): Promise<void> };

export async function rawApiOf(kubeconfig: string): Promise<RawApi> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const { server } = loadKubeconfig(KubeConfig, { kubeconfig });
  return rawApi(
    server,
    createCredentials(() => loadKubeconfig(KubeConfig, { kubeconfig }).config, systemClock),
  );
}

export function rawApiAt(server: string): RawApi {
  return rawApi(server, noCredentials());
}

function rawApi(server: string, credentials: ReturnType<typeof noCredentials>): RawApi {
  return {
    async send({ method, path, body, contentType = 'application/json', accept = 'application/json' }) {
      const { headers, dispatcher } = await credentials.current();
      const response = await request(server + path, {
        method,
        dispatcher,
        headers: { ...headers, accept, 'user-agent': 'contract', ...(body === undefined ? {} : { 'content-type': contentType }) },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.body.text();
      const warnings = [response.headers['warning'] ?? []].flat();
      return { code: response.statusCode, body: parsed(text, response.headers['content-type']), warnings };
    },
    close: () => credentials.close(),
  };
}

/** The text itself when it is no JSON document, or several (a watch). */
function parsed(text: string, contentType: string | string[] | undefined): unknown {
  if (!String(contentType).startsWith('application/json') || text.trimEnd().includes('\n')) return text;
  return text === '' ? text : JSON.parse(text);
}
