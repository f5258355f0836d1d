import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { requireRoom } from '../../../runner/lifecycle/require-room.ts';
import { aRenderedTrial } from '../../support/trials.ts';

const locate = (path: readonly (string | number)[]) => ({ file: 'experiments/sizing/experiment.yaml', line: path.length });

/** Nothing packs random bytes. */
const LONG = randomBytes(90_000).toString('base64');

describe('the room of a trial in the journal', () => {
  const patch = (data: object) => ({
    index: 1,
    target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'assets' },
    type: 'merge' as const,
    body: { data },
  });

  it('is enough for whatever packs well', () => {
    requireRoom(aRenderedTrial({ patches: [patch({ page: 'word '.repeat(100_000) })] }), locate);
  });

  it('is not taken by the files of ConfigMaps, which the journal can do without', () => {
    requireRoom(aRenderedTrial({ files: { metadata: { name: 'f' }, binaryData: { a: LONG } } }), locate);
  });

  it('is told to be too small, with the part that takes most of it', () => {
    assert.throws(() => requireRoom(aRenderedTrial({ patches: [patch({ logo: LONG })] }), locate), {
      message:
        /^experiments\/sizing\/experiment\.yaml:3: spec\.patches\[1\]: is 12\d{4} bytes of a trial's 12\d{4} when packed; a slot's journal has room for 100000, so put/,
    });
  });
});
