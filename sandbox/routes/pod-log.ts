import type { ServerResponse } from 'node:http';

import type { PodLogs } from '../pod-logs.ts';
import { invalid } from '../registry/field-error.ts';
import { badRequest, invalidObject } from '../status-errors.ts';
import type { Store, StoredObject } from '../store.ts';
import type { ApiRequest } from './api-request.ts';
import { booleanOption, integerOption } from './query-options.ts';
import { existing } from './read.ts';

/** How often a log that is followed is looked at, in milliseconds. */
const FOLLOW_PERIOD = 100;
const LEFT_OUT = ['sinceSeconds', 'sinceTime', 'timestamps', 'stream'];

/**
 * GET of a pod's log, as plain text. Throws StatusError 400 for a container that there is not or that has not started, and for what the
 * sandbox leaves out.
 */
export function sendPodLog(store: Store, logs: PodLogs, request: ApiRequest, response: ServerResponse): void {
  const { kind, namespace, name, query } = request;
  const options = logOptions(query, name);
  const leftOut = LEFT_OUT.find((parameter) => !['', 'false', 'All'].includes(query.get(parameter) ?? ''));
  if (leftOut !== undefined) throw badRequest(`the sandbox does not implement the log option ${leftOut}`);
  const pod = existing(store, kind, namespace, name);
  const container = containerOf(pod, query.get('container') ?? '');
  const { previous, follow, tailLines, limitBytes } = options;
  const read = () => logs.read({ namespace: namespace!, name, uid: pod.metadata.uid }, container, { previous });
  // A pod without a node has no kubelet that could be asked.
  const text = pod.spec.nodeName === undefined ? '' : read();
  if (text === undefined) throw notStarted(pod, container, previous);

  response.writeHead(200, { 'content-type': 'text/plain' });
  const begun = lastLines(text, tailLines);
  if (!follow) {
    response.end(firstBytes(begun, limitBytes));
    return;
  }
  response.write(begun);
  followLog(response, read, text.length, () => isOver(store.get(kind, namespace, name), pod, container));
}

/** Throws StatusError 400 for what cannot be parsed, 422 for a number that is too small. */
function logOptions(query: URLSearchParams, pod: string) {
  const [tailLines, limitBytes, sinceSeconds] = ['tailLines', 'limitBytes', 'sinceSeconds'].map((name) => integerOption(query, name));
  const errors = [
    ...(tailLines !== undefined && tailLines < 0 ? [invalid('tailLines', tailLines, 'must be greater than or equal to 0')] : []),
    ...(limitBytes !== undefined && limitBytes < 1 ? [invalid('limitBytes', limitBytes, 'must be greater than 0')] : []),
    ...(sinceSeconds !== undefined && sinceSeconds < 1 ? [invalid('sinceSeconds', sinceSeconds, 'must be greater than 0')] : []),
  ];
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'PodLogOptions' }, pod, errors);
  return { tailLines, limitBytes, follow: booleanOption(query, 'follow') ?? false, previous: booleanOption(query, 'previous') ?? false };
}

function containerOf(pod: StoredObject, wanted: string): string {
  const { containers, initContainers = [] } = pod.spec;
  const names: string[] = containers.map(({ name }: { name: string }) => name);
  const inits: string[] = initContainers.map(({ name }: { name: string }) => name);
  if (wanted === '') {
    if (names.length === 1) return names[0]!;
    const others = inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : '';
    const choose = `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]${others}`;
    throw badRequest(choose);
  }
  if ([...names, ...inits].includes(wanted)) return wanted;
  throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`);
}

function notStarted(pod: StoredObject, container: string, previous: boolean) {
  if (previous) return badRequest(`previous terminated container "${container}" in pod "${pod.metadata.name}" not found`);
  const reason = statusOf(pod, container)?.state?.waiting?.reason;
  const image = /^(Err)?Image/.test(reason ?? '') ? 'trying and failing to pull image' : (reason ?? 'ContainerCreating');
  return badRequest(`container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${image}`);
}

function lastLines(text: string, count: number | undefined): string {
  if (count === undefined) return text;
  const lines = text.split(/(?<=\n)/);
  return lines.slice(Math.max(0, lines.length - count)).join('');
}

function firstBytes(text: string, limit: number | undefined): Buffer {
  const bytes = Buffer.from(text);
  return limit === undefined ? bytes : bytes.subarray(0, limit);
}

function followLog(response: ServerResponse, read: () => string | undefined, from: number, isDone: () => boolean): void {
  let sent = from;
  const timer = setInterval(() => {
    // What was written before the end was seen is in what is read after it.
    const isLast = isDone();
    const text = read() ?? '';
    // A log that became shorter was rotated, or is another start's.
    if (text.length < sent) sent = 0;
    if (text.length > sent) response.write(text.slice(sent));
    sent = text.length;
    if (isLast) response.end();
  }, FOLLOW_PERIOD);
  response.on('close', () => clearInterval(timer));
}

function isOver(current: StoredObject | undefined, pod: StoredObject, container: string): boolean {
  if (current?.metadata.uid !== pod.metadata.uid) return true;
  return ['Succeeded', 'Failed'].includes(current.status?.phase) || statusOf(current, container)?.state?.terminated !== undefined;
}

function statusOf({ status = {} }: StoredObject, container: string): any {
  const statuses: any[] = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return statuses.find(({ name }) => name === container);
}
