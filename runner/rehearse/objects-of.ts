import type { KubeObject } from '../cluster/port.ts';

export type FoundObject = { object: KubeObject; file: string };

/** The objects among YAML documents, also those of a List. */
export function objectsOf(documents: readonly unknown[], file: string): FoundObject[] {
  return documents.flatMap((document: any) => {
    if (typeof document?.apiVersion !== 'string' || typeof document.kind !== 'string') return [];
    if (Array.isArray(document.items) && document.kind.endsWith('List')) return objectsOf(document.items, file);
    return typeof document.metadata?.name === 'string' ? [{ object: document as KubeObject, file }] : [];
  });
}
