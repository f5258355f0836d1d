import assert from 'node:assert/strict';

import { renderValue } from '../../runner/template/render-value.ts';

/** One test per template: the value it gives, or the message it fails with. */
export function givesValues(cases: [source: string, value: unknown][], scope: object = {}): void {
  for (const [source, value] of cases) {
    it(`${source} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(renderValue(source, scope), value);
    });
  }
}

export function failsWith(cases: [source: string, message: string][], scope: object = {}): void {
  for (const [source, message] of cases) {
    it(`${source} is refused`, () => {
      assert.throws(() => renderValue(source, scope), { name: 'TemplateError', message });
    });
  }
}
