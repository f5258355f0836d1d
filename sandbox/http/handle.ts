import type { IncomingMessage, ServerResponse } from 'node:http';

import { discover } from '../discovery.ts';
import type { FaultDesk } from '../faults.ts';
import type { PodLogs } from '../pod-logs.ts';
import { authorize, reviewer, type AccessRule } from '../reviews.ts';
import { parseApiPath, type ApiPath } from '../routes/api-path.ts';
import { verbOf, type ApiRequest, type Verb } from '../routes/api-request.ts';
import { carryOut } from '../routes/carry-out.ts';
import { checkPatchType } from '../routes/patch.ts';
import { sendPodLog } from '../routes/pod-log.ts';
import { present, presentationOf } from '../routes/present.ts';
import { badRequest, methodNotAllowed, noSuchResource } from '../status-errors.ts';
import type { ServedKind, Store } from '../store.ts';
import { openWatch } from '../watch.ts';
import { contentTypeOf, readBody } from './read-body.ts';
import { parseAddress } from './parse-address.ts';
import { sendJson, sendMalformed, sendNothing } from './send.ts';
import { sendWatch } from './send-watch.ts';
import { sufferFault } from './suffer-fault.ts';

export type Serving = { store: Store; logs: PodLogs; faults: FaultDesk; access: readonly AccessRule[] };

/** Answers one request; what is refused is thrown as a StatusError. */
export async function handle(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = parseAddress(request.url!);
  if (address === undefined) return sendMalformed(response);
  const { path, query } = address;
  const target = parseApiPath(path);
  const verb = verbOf(request.method ?? '', target?.name !== undefined, query);
  if (verb === undefined) throw methodNotAllowed();

  const resource = target === undefined ? '' : resourceText(target);
  const fault = serving.faults.take({ verb, resource, namespace: target?.namespace ?? '', name: target?.name ?? '' });
  if ((await sufferFault(fault, response)) === 'lost') return;

  if (target === undefined) answerAbout(serving, path, verb, response);
  else if (reviewer(target.group, target.plural) !== undefined) await answerReview(serving, target, verb, request, response);
  else await answerResource(serving, target, verb, query, request, response);
}

/** Health, version and discovery. */
function answerAbout({ store }: Serving, path: string, verb: Verb, response: ServerResponse): void {
  if (verb !== 'list') throw methodNotAllowed();
  if (['/readyz', '/livez', '/healthz'].includes(path)) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end('ok');
    return;
  }
  const body = discover(store.kinds(), path);
  if (body === undefined) sendNothing(response);
  else sendJson(response, 200, body);
}

async function answerReview({ access }: Serving, target: ApiPath, verb: Verb, request: IncomingMessage, response: ServerResponse) {
  if (verb !== 'create') throw methodNotAllowed();
  const review = reviewer(target.group, target.plural)!;
  sendJson(response, 201, review(access, (await readBody(request)) ?? {}));
}

async function answerResource(
  serving: Serving,
  target: ApiPath,
  verb: Verb,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { store, access } = serving;
  if (!store.kinds().some(({ group }) => group === target.group)) return sendNothing(response);
  const kind = kindAt(store, target);
  const { namespace, name = '', subresource } = target;
  authorize(access, kind, { verb, group: kind.group, resource: resourceText(target), name, namespace: namespace ?? '' });

  const contentType = contentTypeOf(request);
  if (verb === 'patch' && name !== '') checkPatchType(contentType);
  const userAgent = request.headers['user-agent'] ?? '';
  const body: any = await readBody(request);
  const apiRequest: ApiRequest = { verb, kind, namespace, name, subresource, query, contentType, userAgent, body };
  if (subresource === 'log' && kind.kind === 'Pod') answerLog(serving, apiRequest, response);
  else if (verb === 'watch') answerWatch(serving, apiRequest, request.headers.accept, response);
  else answerOnce(store, apiRequest, request.headers.accept, response);
}

/** Throws StatusError 404. */
function kindAt(store: Store, { group, version, plural, namespace, name }: ApiPath): ServedKind {
  const kind = store.kinds().find((each) => each.group === group && each.version === version && each.plural === plural);
  if (kind === undefined) throw noSuchResource();
  const isMisplaced = kind.namespaced ? namespace === undefined && name !== undefined : namespace !== undefined;
  if (isMisplaced) throw noSuchResource();
  return kind;
}

function answerOnce(store: Store, request: ApiRequest, accept: string | undefined, response: ServerResponse): void {
  const presentation = presentationOf(accept);
  const include = includeOf(request.query);
  const { code, body, warnings } = carryOut(store, request);
  sendJson(response, code, present(presentation, request.kind, body, { now: store.clock.now(), include, headers: true }), warnings);
}

function answerWatch({ store, faults }: Serving, request: ApiRequest, accept: string | undefined, response: ServerResponse): void {
  const { kind, subresource, query } = request;
  if (subresource !== undefined) throw methodNotAllowed();
  const presentation = presentationOf(accept);
  const include = includeOf(query);
  const watch = openWatch(store, request);
  let headers = true;
  const stream = sendWatch(response, watch, ({ type, object }) => {
    if (type === 'ERROR') return { type, object };
    const presented = present(presentation, kind, object, { now: store.clock.now(), include, headers });
    headers &&= type === 'BOOKMARK';
    return { type, object: presented };
  });
  expose(faults, { verb: 'watch', resource: kind.plural, ...stream }, response);
}

function answerLog({ store, logs, faults }: Serving, request: ApiRequest, response: ServerResponse): void {
  if (request.verb !== 'get') throw methodNotAllowed();
  sendPodLog(store, logs, request, response);
  const freeze = () => {
    response.write = () => true;
  };
  expose(faults, { verb: 'get', resource: 'pods/log', end: () => response.end(), cut: () => response.destroy(), freeze }, response);
}

/** As long as it is open, faults can strike it. */
function expose(faults: FaultDesk, stream: Parameters<FaultDesk['opened']>[0], response: ServerResponse): void {
  if (response.writableEnded) return;
  faults.opened(stream);
  response.on('close', () => faults.closed(stream));
}

function resourceText({ plural, subresource }: ApiPath): string {
  return subresource === undefined ? plural : `${plural}/${subresource}`;
}

function includeOf(query: URLSearchParams): 'Object' | 'Metadata' | 'None' {
  const include = query.get('includeObject') ?? 'Metadata';
  if (include === 'Object' || include === 'Metadata' || include === 'None') return include;
  throw badRequest(`includeObject "${include}" must be Object, Metadata or None`);
}
