import { gzipSync } from 'node:zlib';
import type { Locate } from '../definition/locate.ts';
import { InvalidInput } from '../model/errors.ts';
import type { RenderedTrial } from '../model/trial.ts';
import { withoutContents } from './without-contents.ts';

/** Of the 256 KiB that all annotations of the slot's Lease may have, which also hold records that wait for their push and what patches changed. */
const MOST = 100_000;

/** Throws InvalidInput for a trial that would not fit into its slot's journal, at the part that takes most of it. */
export function requireRoom(rendered: RenderedTrial, locate: Locate): void {
  const size = packedSize(withoutContents(rendered));
  if (size <= MOST) return;
  const parts = [
    { at: ['spec', 'trialTemplate'], path: 'spec.trialTemplate', size: packedSize([rendered.setup?.create, rendered.job]) },
    ...rendered.patches.map(({ index, body }) => ({
      at: ['spec', 'patches', index],
      path: `spec.patches[${index}]`,
      size: packedSize(body),
    })),
  ];
  const largest = parts.toSorted((a, b) => b.size - a.size)[0]!;
  const message =
    `is ${largest.size} bytes of a trial's ${size} when packed; a slot's journal has room for ${MOST}, ` +
    'so put long contents into an image, `files` or an object that is there already';
  throw new InvalidInput([{ ...locate(largest.at), path: largest.path, message }]);
}

/** As the journal packs it. Nothing that is short gets longer by it, so that most trials are never packed here. */
function packedSize(value: unknown): number {
  const json = JSON.stringify(value) ?? '';
  return json.length <= MOST / 2 ? json.length : Math.ceil(gzipSync(json).length / 3) * 4;
}
