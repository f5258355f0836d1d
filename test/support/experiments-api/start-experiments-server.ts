import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AssignmentsPayload, ExperimentPayload, ReportPayload } from '../../../runner/remote/payloads.ts';
import { experimentsState, isRefusal, type ExperimentsState, type ServerExperiment, type ServerTrial } from './experiments-state.ts';

/** What the server does with a request instead of, or after, carrying it out. */
export type Fault =
  /** Carries it out and drops the connection before, or in the middle of, the answer. */
  | { effect: 'cut'; at: 'answer' | 'body' }
  /** Drops the connection and does nothing. */
  | { effect: 'drop' }
  | { effect: 'refuse'; status: number; error?: string; retryAfter?: string };

export type ExperimentsServer = {
  url: string;
  state: ExperimentsState;
  /** `PUT /v1/experiments/sizing` and so on, in order; tokens are `POST /oauth/token`. */
  requests: string[];
  headers: IncomingMessage['headers'][];
  /** The next requests that begin like this suffer it, as often as it says [once]. */
  fault(request: string, fault: Fault, times?: number): void;
  /** No more faults. */
  forgive(): void;
  /** Tokens that were given out are refused from now on. */
  revoke(): void;
  close(): Promise<void>;
};

export type ServerOptions = {
  budget?: number;
  parallelTrials?: number;
  /** Asks for a bearer token that `/oauth/token` gives out to this client. */
  client?: { id: string; secret: string };
  state?: ExperimentsState;
  port?: number;
  onRequest?: (line: string, status: number) => void;
};

/** The Experiments API of R§22 on the loopback address, with links as its headers have them. */
export async function startExperimentsServer(options: ServerOptions = {}): Promise<ExperimentsServer> {
  const { client, state = experimentsState(options), port = 0, onRequest } = options;
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let faults: { request: string; fault: Fault; times: number }[] = [];
  let tokens = new Set<string>();
  let granted = 0;

  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://any');
    const line = `${request.method} ${url.pathname}`;
    requests.push(line);
    headers.push(request.headers);
    const text = await readText(request);
    const fault = takeFault(line);
    if (fault?.effect === 'drop') return void request.socket.resetAndDestroy();
    if (fault?.effect === 'refuse') {
      const { status, error = 'broken on purpose', retryAfter } = fault;
      return send(response, { status, body: { error }, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });
    }
    const answer = answerTo(request, url, text);
    onRequest?.(line, answer.status);
    if (fault?.effect !== 'cut') return send(response, answer);
    if (fault.at === 'body') {
      response.writeHead(answer.status, { 'Content-Type': 'application/json', 'Content-Length': '1000', ...answer.headers });
      response.write('{"assignments": [');
      // Only once it is on its way is there something to be cut.
      await new Promise((resolve) => setImmediate(resolve));
    }
    request.socket.resetAndDestroy();
  }

  function takeFault(line: string): Fault | undefined {
    const found = faults.find(({ request }) => line.startsWith(request));
    if (found === undefined) return undefined;
    found.times -= 1;
    faults = faults.filter(({ times }) => times > 0);
    return found.fault;
  }

  function answerTo(request: IncomingMessage, url: URL, text: string): Answer {
    if (url.pathname === '/oauth/token') return grant(new URLSearchParams(text));
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (client !== undefined && !tokens.has(token)) return { status: 401, body: { error: 'unauthorized' } };
    return route(state, request.method ?? 'GET', url, text === '' ? undefined : JSON.parse(text));
  }

  function grant(form: URLSearchParams): Answer {
    const isKnown = form.get('client_id') === client?.id && form.get('client_secret') === client?.secret;
    if (!isKnown || form.get('grant_type') !== 'client_credentials') return { status: 401, body: { error: 'invalid_client' } };
    granted += 1;
    const token = `token-${granted}-for-${form.get('audience')}`;
    tokens.add(token);
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 3600 } };
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    state,
    requests,
    headers,
    fault: (request, fault, times = 1) => void faults.push({ request, fault, times }),
    forgive: () => void (faults = []),
    revoke: () => void (tokens = new Set()),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type Answer = { status: number; body?: unknown; headers?: Record<string, string | string[]> };

const BASE = '/v1/experiments/';
const REL = 'https://stormforge.io/rel';

function route(state: ExperimentsState, method: string, { pathname, searchParams }: URL, body: unknown): Answer {
  const [name = '', ...rest] = pathname.slice(BASE.length).split('/').map(decodeURIComponent);
  if (!pathname.startsWith(BASE)) return { status: 404 };
  if (name === '') return method === 'HEAD' ? { status: 204 } : method === 'GET' ? listExperiments(state) : { status: 405 };
  const experiment = state.experiments.get(name);
  if (rest.length === 0 && method === 'PUT') {
    const put = state.put(name, body as ExperimentPayload);
    return isRefusal(put) ? refused(put) : { status: put.status, ...experimentBody(put.experiment) };
  }
  if (experiment === undefined) return refused({ status: 404, error: 'experiment not found' });
  const [kind, number, part] = rest;
  switch (`${method} ${[kind, number === undefined ? undefined : 'N', part].filter((each) => each !== undefined).join('/')}`) {
    case 'GET ':
      return { status: 200, ...experimentBody(experiment) };
    case 'DELETE ':
      state.experiments.delete(name);
      return { status: 204 };
    case 'POST labels':
      Object.assign((experiment.definition.labels ??= {}), (body as { labels: object }).labels);
      return { status: 201 };
    case 'GET trials':
      return listTrials(experiment, searchParams);
    case 'POST trials':
      return trialAnswer(experiment, 201, state.suggest(name, body as AssignmentsPayload));
    case 'POST next-trial':
      return trialAnswer(experiment, 200, state.next(name));
    case 'POST trials/N':
      return outcome(201, state.report(name, Number(number), body as ReportPayload));
    case 'DELETE trials/N':
      return outcome(204, state.abandon(name, Number(number)));
    case 'POST trials/N/labels': {
      const trial = experiment.trials.find((each) => each.number === Number(number));
      if (trial === undefined) return refused({ status: 404, error: 'trial not found' });
      trial.labels = { ...trial.labels, ...(body as { labels: Record<string, string> }).labels };
      return { status: 201 };
    }
    default:
      return { status: 405 };
  }
}

/** Relative, quoted and not, several in one header and one in another: whatever a client has to bear. */
function experimentBody({ name, definition, budget }: ServerExperiment): Pick<Answer, 'body' | 'headers'> {
  const self = `${BASE}${encodeURIComponent(name)}`;
  const links = [
    `<${self}>; rel="self", <${self}/trials>; rel=${REL}/trials`,
    `<${self}/next-trial>; rel="${REL}/next-trial", <${self}/labels>; rel="${REL}/labels"`,
  ];
  return { body: { ...definition, budget }, headers: { Link: links, Title: name } };
}

function listExperiments(state: ExperimentsState): Answer {
  const experiments = [...state.experiments.values()].map((experiment) => {
    const { body, headers } = experimentBody(experiment);
    return { ...(body as object), _metadata: headers };
  });
  return { status: 200, body: { experiments } };
}

const PAGE = 5;

function listTrials({ name, trials }: ServerExperiment, query: URLSearchParams): Answer {
  const statuses = query.get('status')?.split(',') ?? [];
  const found = trials.filter(({ status }) => statuses.length === 0 || statuses.includes(status));
  const offset = Number(query.get('offset') ?? 0);
  const page = found.slice(offset, offset + PAGE).map(({ reports: _reports, ...trial }) => ({
    ...trial,
    _metadata: { Link: [`<${trialUrl(name, trial)}>; rel=self`, `<${trialUrl(name, trial)}/labels>; rel="${REL}/labels"`] },
  }));
  const more = new URLSearchParams({ ...Object.fromEntries(query), offset: String(offset + PAGE) });
  const next = offset + PAGE < found.length ? { Link: `<${BASE}${name}/trials?${more}>; rel="next"` } : undefined;
  return { status: 200, body: { trials: page }, ...(next && { headers: next }) };
}

function trialAnswer({ name }: ServerExperiment, status: number, trial: ServerTrial | Parameters<typeof refused>[0]): Answer {
  if (isRefusal(trial)) return refused(trial);
  const { assignments, labels } = trial;
  return { status, body: { assignments, ...(labels && { labels }) }, headers: { Location: trialUrl(name, trial) } };
}

function trialUrl(name: string, { number }: { number: number }): string {
  return `${BASE}${encodeURIComponent(name)}/trials/${number}`;
}

function outcome(status: number, refusal: Parameters<typeof refused>[0] | undefined): Answer {
  return refusal === undefined ? { status } : refused(refusal);
}

function refused({ status, error, retryAfter }: { status: number; error: string; retryAfter?: number }): Answer {
  return { status, body: { error }, ...(retryAfter !== undefined && { headers: { 'Retry-After': String(retryAfter) } }) };
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
