import { createHash } from 'node:crypto';
import { InvalidInput } from '../model/errors.ts';
import type { TrialRecord } from '../model/record.ts';
import { parseRecord } from './record-text.ts';

/** Where a record's file is in the tree of a commit, and git's id of its content. */
export type RecordEntry = { path: string; experiment: string; number: number; blob: string };

/** A record's file, read; a file that people left there may be no record. Texts are not kept: ten thousand of them are large. */
export type RecordFile = RecordEntry & { content: TrialRecord | InvalidInput };

/** What a path in the tree says when it is a record's. */
export function parseRecordPath(path: string): Pick<RecordEntry, 'path' | 'experiment' | 'number'> | undefined {
  const match = /^experiments\/([^/]+)\/trials\/(\d+)\.yaml$/.exec(path);
  return match === null ? undefined : { path, experiment: match[1]!, number: Number(match[2]) };
}

/** Reads one file. A record under another name than its own (copied by hand) is none, since its trial would be counted twice. */
export function readRecordFile(entry: RecordEntry, text: string): RecordFile {
  return { ...entry, content: readContent(entry, text) };
}

/** Whether a file has exactly this text, told by git's id of it. */
export function hasText({ blob }: Pick<RecordEntry, 'blob'>, text: string): boolean {
  return blobOf(text, blob) === blob;
}

/** git's id of a text, of the kind that `likeId` is (gitformat-pack(5): the hash of a header and the bytes). */
export function blobOf(text: string, likeId: string): string {
  const hash = createHash(likeId.length === 64 ? 'sha256' : 'sha1');
  const header = `blob ${Buffer.byteLength(text)}\0`;
  return hash.update(header).update(text).digest('hex');
}

function readContent({ path, experiment, number }: RecordEntry, text: string): TrialRecord | InvalidInput {
  try {
    // js-yaml's strings are slices of the text, and each would keep the whole text in memory; copies do not.
    const record = structuredClone(parseRecord(text, path));
    if (record.spec.experiment === experiment && record.spec.number === number) return record;
    const message = `is trial ${record.spec.number} of ${record.spec.experiment}; its file must be named after that`;
    return new InvalidInput([{ file: path, path: 'spec.number', message }]);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}
