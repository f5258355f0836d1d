import assert from 'node:assert/strict';

import { replaceMounts } from '../../../../../sandbox/kubelet/processes/container-folders.ts';

const mounts = [
  { mountPath: '/data', folder: '/tmp/a' },
  { mountPath: '/data/deep/', folder: '/tmp/b' },
];

describe('replaceMounts', () => {
  const cases: [text: string, replaced: string][] = [
    ['/data/file.txt', '/tmp/a/file.txt'],
    ['--in=/data --out=/data/out', '--in=/tmp/a --out=/tmp/a/out'],
    ['/data/deep/file', '/tmp/b/file'],
    ['/database', '/database'],
    ['/var/data/file', '/var/data/file'],
  ];
  for (const [text, replaced] of cases) {
    it(`makes ${replaced} of ${text}`, () => {
      assert.equal(replaceMounts(text, mounts), replaced);
    });
  }
});
