import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InvalidInput } from '../model/errors.ts';

/** The files of a repository, by paths relative to its root with forward slashes. */
export type RepositoryFiles = {
  /** Every file at or below a path, sorted; a file lists itself, a path that is not there lists nothing. `''` is the root. */
  list(path: string): Promise<string[]>;
  /** Throws InvalidInput when the file is not there. */
  read(path: string): Promise<Buffer>;
};

/** What a repository's files are kept in: a folder on the disk, a commit. Paths have forward slashes; `''` is the root. */
export type FileTree = {
  /** Where a path leads once links are followed, `outside` the repository, or undefined to nothing. */
  resolve(path: string): Promise<Place | 'outside' | undefined>;
  /** What is in a folder, given as where it really is. `isFile` is about the entry itself, which may be a link. */
  children(folder: string): Promise<{ name: string; isFile: boolean }[]>;
  /** A file, given as where it really is. */
  read(file: string): Promise<Buffer>;
};

export type Place = { kind: 'file' | 'folder' | 'other'; path: string };

const SKIPPED = new Set(['.git', 'node_modules']);

/** A repository on disk. */
export function openRepository(root: string): RepositoryFiles {
  return repositoryFiles(diskTree(root));
}

/**
 * The files of a tree. Absolute paths, `..`, `.git` and symbolic links that lead out of the repository are refused with an
 * InvalidInput that names the path; `.git` and `node_modules` are not listed.
 */
export function repositoryFiles(tree: FileTree): RepositoryFiles {
  return {
    async list(path) {
      const place = await resolveInside(tree, path);
      if (place === undefined) return [];
      const files = place.kind === 'folder' ? await listFolder(tree, cleanPath(path), [place.path]) : [cleanPath(path)];
      return files.toSorted();
    },
    async read(path) {
      const place = await resolveInside(tree, path);
      if (place === undefined) throw refused(path, 'there is no such file in the repository');
      if (place.kind !== 'file') throw refused(path, 'is not a file');
      return tree.read(place.path);
    },
  };
}

/** Why a path must not be followed, before the disk is asked; undefined for one that stays inside. */
export function pathProblem(path: string): string | undefined {
  if (path.startsWith('/')) return `"${path}" is an absolute path; write it from the repository's root`;
  const steps = path.split(/[/\\]/);
  if (steps.includes('..')) return `"${path}" contains ".."; only paths inside the repository are read`;
  if (steps.includes('.git')) return `"${path}" leads into .git, which is not read`;
  return path.includes('\0') ? 'a path cannot contain a null byte' : undefined;
}

/** `parents` are where the folder and those above it really are. */
async function listFolder(tree: FileTree, folder: string, parents: readonly string[]): Promise<string[]> {
  const entries = await tree.children(parents.at(-1)!);
  const visible = entries.filter(({ name }) => !SKIPPED.has(name));
  const found = await Promise.all(
    visible.map(async ({ name, isFile }) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      return isFile ? [path] : listEntry(tree, path, parents);
    }),
  );
  return found.flat();
}

async function listEntry(tree: FileTree, path: string, parents: readonly string[]): Promise<string[]> {
  const place = await resolveInside(tree, path);
  if (place === undefined) throw refused(path, 'is a symbolic link to nothing');
  if (place.kind === 'file') return [path];
  // A link back to a folder that is being listed would never end.
  if (place.kind !== 'folder' || parents.includes(place.path)) return [];
  return listFolder(tree, path, [...parents, place.path]);
}

async function resolveInside(tree: FileTree, path: string): Promise<Place | undefined> {
  const problem = pathProblem(path);
  if (problem !== undefined) throw refused(path, problem);
  const place = await tree.resolve(path);
  if (place === 'outside') throw refused(path, 'is a symbolic link that leaves the repository');
  return place;
}

function diskTree(root: string): FileTree {
  return {
    async resolve(path) {
      const top = await realpath(root);
      const real = await realPlace(join(top, path));
      if (real === undefined) return undefined;
      if (real !== top && !real.startsWith(top + sep)) return 'outside';
      const status = await stat(real);
      return { kind: status.isFile() ? 'file' : status.isDirectory() ? 'folder' : 'other', path: relative(top, real) };
    },
    async children(folder) {
      const entries = await readdir(join(root, folder), { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, isFile: entry.isFile() }));
    },
    read: (file) => readFile(join(root, file)),
  };
}

async function realPlace(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}

function cleanPath(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}

function refused(path: string, message: string): InvalidInput {
  return new InvalidInput([{ file: path, path: '', message }]);
}
