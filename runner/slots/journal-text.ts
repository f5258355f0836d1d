import { gunzipSync, gzipSync } from 'node:zlib';
import type { Journal } from '../lifecycle/trial-progress.ts';
import { withoutContents } from '../lifecycle/without-contents.ts';

/** All annotations of an object together may have 256 KiB (apimachinery, validation/objectmeta.go). */
const MAX_BYTES = 200_000;
const PLAIN_BYTES = 32_000;
const PACKED = 'gzip:';

/**
 * The journal as an annotation: JSON, packed when it is long. Where even that does not fit, the packed charts are left out; a runner that
 * finds such a journal before setup-create wrote them ends the trial as Interrupted instead of guessing.
 */
export function formatJournal(journal: Journal): string {
  const plain = encode(journal);
  return plain.length <= MAX_BYTES ? plain : encode(withoutFiles(journal));
}

/** Nothing is under way, owed or to be put back. */
export function isEmptyJournal({ active, teardown, owed, restore = [] }: Journal): boolean {
  return active === undefined && teardown === undefined && owed.length === 0 && restore.length === 0;
}

/** Somebody else wrote what stands there: nobody knows what is under way in the slot. */
export class JournalUnreadable extends Error {
  override readonly name = 'JournalUnreadable';
}

/** Throws JournalUnreadable. */
export function parseJournal(text: string | undefined): Journal {
  if (text === undefined || text === '') return { owed: [] };
  try {
    const json = text.startsWith(PACKED) ? gunzipSync(Buffer.from(text.slice(PACKED.length), 'base64')).toString('utf8') : text;
    return JSON.parse(json) as Journal;
  } catch (cause) {
    // Neither zlib's nor JSON's complaint is a bug of ours.
    throw new JournalUnreadable(`the journal is not one of fieldtrial's: ${(cause as Error).message}`, { cause });
  }
}

function encode(journal: Journal): string {
  const json = JSON.stringify(journal);
  return json.length <= PLAIN_BYTES ? json : PACKED + gzipSync(json).toString('base64');
}

function withoutFiles(journal: Journal): Journal {
  const { active, teardown } = journal;
  return {
    ...journal,
    ...(active && { active: { ...active, rendered: withoutContents(active.rendered) } }),
    ...(teardown && { teardown: { ...teardown, rendered: withoutContents(teardown.rendered) } }),
  };
}
