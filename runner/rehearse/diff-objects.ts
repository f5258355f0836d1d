import { createTwoFilesPatch } from 'diff';
import { dump } from 'js-yaml';
import type { KubeObject } from '../cluster/port.ts';

/** What a person did not write and the server keeps for itself. */
const SERVERS_OWN = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'namespace'];

/** The unified diff of an object as YAML, without what is the server's own; undefined where nothing else changed. */
export function diffObjects(before: KubeObject, after: KubeObject): string | undefined {
  const [left, right] = [asText(before), asText(after)];
  if (left === right) return undefined;
  const name = `${before.kind}/${before.metadata.name}`;
  const [, ...lines] = createTwoFilesPatch(`${name} before`, `${name} after`, left, right, undefined, undefined, { context: 3 })
    .trimEnd()
    .split('\n');
  return lines.join('\n');
}

/** Annotations that controllers keep (`deployment.kubernetes.io/revision`) say nothing about a patch. */
function asText({ metadata, status: _, ...object }: KubeObject): string {
  const own = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVERS_OWN.includes(key)));
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !key.startsWith('deployment.kubernetes.io/'));
  const { annotations: __, ...named } = own;
  return dump(
    { ...object, metadata: { ...named, ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }) } },
    { lineWidth: -1, noRefs: true, sortKeys: true },
  );
}
