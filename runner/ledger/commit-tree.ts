import type { FileTree } from '../definition/repository-files.ts';

/** A line of `git ls-tree -r`. */
export type TreeEntry = { mode: string; id: string; path: string };

/** Reads `git ls-tree -r -z`. */
export function parseTree(listing: string): TreeEntry[] {
  return [...listing.matchAll(/(\d+) \w+ ([0-9a-f]+)\t([^\0]+)\0/g)].map(([, mode, id, path]) => ({ mode: mode!, id: id!, path: path! }));
}

export const LINK = '120000';
const SUBMODULE = '160000';

/** More than this is a circle, as for Linux (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * A commit as a tree of files. `targets` holds where links lead, by path; `read` gets the id of a blob. A submodule is an empty folder, as in a clone
 * without submodules.
 */
export function commitTree(
  entries: readonly TreeEntry[],
  targets: ReadonlyMap<string, string>,
  read: (blob: string) => Promise<Buffer>,
): FileTree {
  const blobs = new Map<string, string>();
  const folders = new Map<string, { name: string; isFile: boolean }[]>([['', []]]);
  for (const { mode, id, path } of entries) {
    const isFile = mode !== LINK && mode !== SUBMODULE;
    if (isFile) blobs.set(path, id);
    if (mode === SUBMODULE) folders.set(path, []);
    addToFolder(path, isFile);
  }

  return {
    async resolve(path) {
      let steps = path.split('/');
      let place: string[] = [];
      for (let links = 0; steps.length > 0;) {
        const [step = '', ...rest] = steps;
        steps = rest;
        if (step === '' || step === '.') continue;
        if (step === '..') {
          if (place.length === 0) return 'outside';
          place = place.slice(0, -1);
          continue;
        }
        const next = [...place, step].join('/');
        const target = targets.get(next);
        if (target !== undefined) {
          if (target.startsWith('/')) return 'outside';
          if (++links > MOST_LINKS) return undefined;
          steps = [...target.split('/'), ...rest];
        } else if (folders.has(next) || (blobs.has(next) && rest.length === 0)) place = [...place, step];
        else return undefined;
      }
      const real = place.join('/');
      return { kind: blobs.has(real) ? 'file' : 'folder', path: real };
    },
    children: async (folder) => folders.get(folder) ?? [],
    read: (file) => read(blobs.get(file)!),
  };

  function addToFolder(path: string, isFile: boolean): void {
    const at = path.lastIndexOf('/');
    const folder = at < 0 ? '' : path.slice(0, at);
    const siblings = folders.get(folder);
    const entry = { name: path.slice(at + 1), isFile };
    if (siblings !== undefined) siblings.push(entry);
    else {
      folders.set(folder, [entry]);
      addToFolder(folder, false);
    }
  }
}
