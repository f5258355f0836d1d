/** What a path of the API is about; `subresource` may have several parts. */
export type ApiPath = {
  group: string;
  version: string;
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
};

/** `path` is decoded; undefined for one that is about no resource. k8s.io/apiserver/pkg/endpoints/request/requestinfo.go. */
export function parseApiPath(path: string): ApiPath | undefined {
  const parts = path.split('/').slice(1);
  const prefix = parts[0] === 'api' ? ['', parts[1]] : parts[0] === 'apis' ? [parts[1], parts[2]] : undefined;
  const [group, version] = prefix ?? [];
  if (group === undefined || version === undefined) return undefined;

  const rest = parts.slice(group === '' ? 2 : 3);
  // A namespace is an object of its own until something in it is named.
  const isInNamespace = rest[0] === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!);
  const [namespace, place] = isInNamespace ? [rest[1], rest.slice(2)] : [undefined, rest];
  const [plural, name, ...subresource] = place;
  if (plural === undefined || plural === '') return undefined;
  return {
    group,
    version,
    plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource.length === 0 ? {} : { subresource: subresource.join('/') }),
  };
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);
