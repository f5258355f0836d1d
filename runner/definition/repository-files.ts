import type { Dirent } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { InvalidInput } from '../model/errors.ts';

/** The files of a checked-out repository, by paths relative to its root with forward slashes. */
export type RepositoryFiles = {
  /** Every file at or below a path, sorted; a file lists itself, a path that is not there lists nothing. `''` is the root. */
  list(path: string): Promise<string[]>;
  /** Throws InvalidInput when the file is not there. */
  read(path: string): Promise<Buffer>;
};

const SKIPPED = new Set(['.git', 'node_modules']);

/**
 * A repository on disk. Absolute paths, `..`, `.git` and symbolic links that lead out of the repository are refused with an
 * InvalidInput that names the path; `.git` and `node_modules` are not listed.
 */
export function openRepository(root: string): RepositoryFiles {
  return {
    async list(path) {
      const place = await resolveInside(root, path);
      if (place === undefined) return [];
      const status = await stat(place);
      const files = status.isDirectory() ? await listFolder(root, cleanPath(path), [place]) : [cleanPath(path)];
      return files.toSorted();
    },
    async read(path) {
      const place = await resolveInside(root, path);
      if (place === undefined) throw refused(path, 'there is no such file in the repository');
      const status = await stat(place);
      if (!status.isFile()) throw refused(path, 'is not a file');
      return readFile(place);
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

async function listFolder(root: string, folder: string, parents: readonly string[]): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const visible = entries.filter(({ name }) => !SKIPPED.has(name));
  const found = await Promise.all(visible.map((entry) => listEntry(root, folder, entry, parents)));
  return found.flat();
}

async function listEntry(root: string, folder: string, entry: Dirent, parents: readonly string[]): Promise<string[]> {
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  if (entry.isFile()) return [path];
  const place = await resolveInside(root, path);
  if (place === undefined) throw refused(path, 'is a symbolic link to nothing');
  const status = await stat(place);
  if (status.isFile()) return [path];
  // A link back to a folder that is being listed would never end.
  if (!status.isDirectory() || parents.includes(place)) return [];
  return listFolder(root, path, [...parents, place]);
}

/** The real place of a path, undefined when there is nothing. */
async function resolveInside(root: string, path: string): Promise<string | undefined> {
  const problem = pathProblem(path);
  if (problem !== undefined) throw refused(path, problem);
  const top = await realpath(root);
  const place = await realPlace(join(top, path));
  if (place === undefined || place === top || place.startsWith(top + sep)) return place;
  throw refused(path, 'is a symbolic link that leaves the repository');
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
