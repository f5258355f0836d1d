import { FIELD_MANAGER } from '../model/names.ts';
import { ClusterError, isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { holds } from './holds.ts';
import type { Http, HttpRequest } from './http.ts';
import { createFindResource, groupVersionPath, parseApiVersion, resourcePath, type FindResource, type ResourceList } from './kinds.ts';
import type { Cluster, KubeObject, ObjectQuery, ObjectRef, PatchKind } from './port.ts';
import { RETRY } from '../retry.ts';
import { watchEvents } from './watch-events.ts';

export const PATCH_CONTENT_TYPE: Record<PatchKind, string> = {
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};

/**
 * A field that the server does not know is refused, as kubectl has it by default; else it would only be dropped, and the trial would measure something
 * else than its author thinks.
 */
const FIELD_VALIDATION = 'Strict';

/** The server ends a watch itself after this many seconds: connections that nobody ends are what load balancers cut. */
const WATCH_SECONDS = 240;

export type RestCluster = { cluster: Cluster; findResource: FindResource };

/** The cluster as JSON over HTTP: objects go and come as they are, without models, defaults or parsed times. */
export function createRestCluster(http: Http): RestCluster {
  const findResource = createFindResource((apiVersion, signal) => discover(http, apiVersion, signal));

  /** The parts of a request that every verb on one object has in common. */
  async function address(verb: string, ref: Omit<ObjectRef, 'name'> & { name?: string; subresource?: string }, signal: AbortSignal) {
    const resource = await findResource(ref, signal);
    const what = `${verb} ${describe(ref)}`;
    // A path without the namespace would mean all namespaces, or nothing.
    if (resource.namespaced && ref.namespace === undefined && (ref.name !== undefined || verb === 'create')) {
      throw new TypeError(`${what}: a ${ref.kind} needs a namespace`);
    }
    return {
      verb,
      what,
      resource: [resource.plural, ref.subresource].filter(Boolean).join('/'),
      path: resourcePath(resource, ref),
    };
  }

  async function read(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    const request: HttpRequest = { ...(await address('get', ref, signal)), method: 'GET', policy: RETRY.read };
    return unlessAbsent(http.json(request, signal));
  }

  /**
   * A write whose answer was lost is sent again, and the second try may meet the effect of the first. Then the object is what
   * we sent, and the refusal is none.
   */
  async function write(
    request: HttpRequest,
    sent: { ref: ObjectRef; object: unknown },
    isRefusal: (error: unknown) => boolean,
    signal: AbortSignal,
  ) {
    let answerLost = false;
    try {
      return await http.json({ ...request, onUncertain: () => (answerLost = true) }, signal);
    } catch (error) {
      if (!answerLost || !isRefusal(error)) throw error;
      const current = await read(sent.ref, signal);
      if (current !== undefined && holds(current, sent.object)) return current;
      throw error;
    }
  }

  const cluster: Cluster = {
    read,

    async list(query, signal) {
      const request: HttpRequest = {
        ...(await address('list', query, signal)),
        method: 'GET',
        query: selectors(query),
        policy: RETRY.read,
      };
      const { items, metadata } = await http.json(request, signal);
      // Items of a built-in list do not say what they are.
      const whole = (items ?? []).map((item: object) => ({ apiVersion: query.apiVersion, kind: query.kind, ...item }));
      return { items: whole, resourceVersion: metadata.resourceVersion };
    },

    async create(object, signal, { dryRun = false } = {}) {
      const { apiVersion, kind, metadata: { name, namespace, generateName } = {} } = object;
      const request: HttpRequest = {
        ...(await address('create', { apiVersion, kind, namespace }, signal)),
        what: `create ${describe({ kind, namespace, name: name ?? generateName })}`,
        method: 'POST',
        query: { fieldManager: FIELD_MANAGER, fieldValidation: FIELD_VALIDATION, dryRun: dryRun ? 'All' : undefined },
        body: object,
        policy: generateName === undefined ? RETRY.write : RETRY.once,
      };
      if (name === undefined || dryRun) return http.json(request, signal);
      return write(request, { ref: { apiVersion, kind, name, namespace }, object }, isAlreadyExists, signal);
    },

    async replace(object, signal) {
      const ref = refOf(object);
      const request: HttpRequest = {
        ...(await address('update', ref, signal)),
        method: 'PUT',
        query: { fieldManager: FIELD_MANAGER },
        body: object,
        policy: RETRY.replace,
      };
      return write(request, { ref, object }, isConflict, signal);
    },

    async apply(object, signal) {
      const request: HttpRequest = {
        ...(await address('apply', refOf(object), signal)),
        method: 'PATCH',
        query: { fieldManager: FIELD_MANAGER, force: true },
        body: object,
        contentType: 'application/apply-patch+yaml',
        policy: patchPolicy('merge', object),
      };
      return http.json(request, signal);
    },

    async patch(ref, kind, body, { dryRun = false }, signal) {
      const request: HttpRequest = {
        ...(await address('patch', ref, signal)),
        method: 'PATCH',
        query: { fieldManager: FIELD_MANAGER, fieldValidation: FIELD_VALIDATION, dryRun: dryRun ? 'All' : undefined },
        body,
        contentType: PATCH_CONTENT_TYPE[kind],
        policy: patchPolicy(kind, body),
      };
      return http.json(request, signal);
    },

    async remove(ref, { uid, propagation = 'Background' }, signal) {
      const request: HttpRequest = {
        ...(await address('delete', ref, signal)),
        method: 'DELETE',
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: propagation,
          preconditions: uid === undefined ? undefined : { uid },
        },
        policy: RETRY.write,
      };
      try {
        return (await unlessAbsent(http.json(request, signal))) !== undefined;
      } catch (error) {
        // A precondition that does not hold is a conflict like any other: only the object tells which one it was.
        if (uid !== undefined && isConflict(error) && (await read(ref, signal))?.metadata.uid !== uid) return false;
        throw error;
      }
    },

    async *watch(query, signal) {
      const place = await address('watch', query, signal);
      const parameters = {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: WATCH_SECONDS,
        resourceVersion: query.resourceVersion,
      };
      const request: HttpRequest = {
        ...place,
        method: 'GET',
        query: { ...selectors(query), ...parameters },
        policy: RETRY.read,
        streaming: true,
      };
      yield* watchEvents(await http.stream(request, signal), place.what, signal);
    },

    async log({ namespace, name }, { container, tailLines, limitBytes }, signal) {
      const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name, subresource: 'log' };
      const query = { container, tailLines, limitBytes };
      const request: HttpRequest = { ...(await address('get', pod, signal)), method: 'GET', query, policy: RETRY.read };
      return http.text({ ...request, what: `log of ${describe(pod)}` }, signal);
    },

    async version(signal) {
      const what = 'get the version';
      const { gitVersion } = await http.json(
        { verb: 'get', resource: 'version', what, method: 'GET', path: '/version', policy: RETRY.read },
        signal,
      );
      if (typeof gitVersion === 'string') return gitVersion;
      throw new ClusterError(200, 'InvalidAnswer', `${what}: the answer has none; is it a Kubernetes API server?`);
    },

    async time(signal) {
      const what = 'get the time';
      const date = await http.date({ verb: 'get', resource: 'version', what, method: 'GET', path: '/version', policy: RETRY.read }, signal);
      const time = Date.parse(date ?? '');
      return Number.isNaN(time) ? undefined : new Date(time);
    },
  };
  return { cluster, findResource };
}

function discover(http: Http, apiVersion: string, signal: AbortSignal): Promise<ResourceList | undefined> {
  const path = groupVersionPath(parseApiVersion(apiVersion));
  const what = `discover the kinds of ${apiVersion}`;
  return unlessAbsent(http.json({ verb: 'get', resource: 'discovery', what, method: 'GET', path, policy: RETRY.read }, signal), isMissing);
}

/** Absence is a value; a 404 without the API server's reason may be a proxy's and says nothing about the object. */
async function unlessAbsent<Value>(answer: Promise<Value>, isAbsence = isNotFound): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** An unknown group version is answered with plain text. */
function isMissing(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404;
}

/** A conflict is final when the patch itself asks for one version of the object. */
function patchPolicy(kind: PatchKind, body: any) {
  if (kind === 'json') return RETRY.jsonPatch;
  return body?.metadata?.resourceVersion === undefined ? RETRY.patch : { ...RETRY.patch, conflict: false };
}

function selectors({ labelSelector, fieldSelector }: ObjectQuery) {
  return { labelSelector, fieldSelector };
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

function describe({ kind, namespace, name }: { kind: string; namespace?: string; name?: string }): string {
  if (name === undefined) return namespace === undefined ? kind : `${kind} in ${namespace}`;
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
