import assert from 'node:assert/strict';

import { expandReferences } from '../../../../../sandbox/kubelet/processes/expand-references.ts';

describe('expandReferences', () => {
  const cases: [text: string, expanded: string][] = [
    ['--size=$(SIZE)', '--size=8'],
    ['$(SIZE)x$(SIZE)', '8x8'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$$(SIZE)', '$(SIZE)'],
    ['$SIZE ${SIZE}', '$SIZE ${SIZE}'],
    ['$(SIZE', '$(SIZE'],
  ];
  for (const [text, expanded] of cases) {
    it(`makes ${expanded} of ${text}`, () => {
      assert.equal(expandReferences(text, { SIZE: '8' }), expanded);
    });
  }
});
