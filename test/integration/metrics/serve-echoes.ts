import { serve, type Request, type Response, type TestServer } from './serve.ts';

const TYPES = ['jsonpath', 'prometheus', 'datadog', 'newrelic'] as const;

export type EchoType = (typeof TYPES)[number];

export type EchoServers = Record<EchoType, TestServer> & {
  /** Whether they answer with the number 42, or refuse with 403; either way with all headers that they were sent. */
  isAccepting: boolean;
  close(): Promise<void>;
};

/** A server for each type of metric that is asked by HTTP, each of which repeats whatever it was sent. */
export async function serveEchoes(): Promise<EchoServers> {
  const started = await Promise.all(
    TYPES.map(async (type) => [type, await serve((request) => (servers.isAccepting ? accept : refuse)(type, request))] as const),
  );
  const servers: EchoServers = {
    ...(Object.fromEntries(started) as Record<EchoType, TestServer>),
    isAccepting: true,
    async close() {
      await Promise.all(started.map(([, server]) => server.close()));
    },
  };
  return servers;
}

function accept(type: EchoType, { headers: youSent }: Request): Response {
  return { body: { youSent, ...ANSWERS[type] } };
}

const ANSWERS: Readonly<Record<EchoType, object>> = {
  jsonpath: { value: 42 },
  prometheus: { status: 'success', data: { resultType: 'scalar', result: [0, '42'] } },
  datadog: { status: 'ok', series: [{ pointlist: [[0, 42]] }] },
  newrelic: { data: { actor: { account: { nrql: { results: [{ count: 42 }] } } } } },
};

/** In the vendor's own place for words, and once more beside it. */
function refuse(type: EchoType, { headers: youSent }: Request): Response {
  const words = `refused ${JSON.stringify(youSent)}`;
  return { status: 403, body: { error: words, errors: [type === 'newrelic' ? { message: words } : words], youSent } };
}
