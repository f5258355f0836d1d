import type { Store } from '../../sandbox/store.ts';

/** Writes names that the cluster generated as `web-5d4f-…`, so that the report of the same experiment is the same. */
export function generatedNames(store: Store): { tidy(text: string): string; stop(): void } {
  const generated = new Map<string, string>();
  const stop = store.subscribe(({ type, object }) => {
    const { name, generateName } = object.metadata;
    if (type === 'ADDED' && generateName !== undefined) generated.set(name, `${generateName}…`);
  });
  return { tidy: (text) => [...generated].reduce((tidied, [name, replacement]) => tidied.replaceAll(name, replacement), text), stop };
}
