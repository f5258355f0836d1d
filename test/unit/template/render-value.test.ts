import assert from 'node:assert/strict';

import { renderValue } from '../../../runner/template/render-value.ts';

const scope = { n: 3, half: 0.5, yes: true, none: null, text: '3', list: [1, { a: 2 }], object: { a: 1 } };

describe('renderValue', () => {
  const cases: [source: string, value: unknown][] = [
    ['{{n}}', 3],
    ['{{{n}}}', 3],
    ['{{~n~}}', 3],
    ['{{this.n}}', 3],
    ['{{half}}', 0.5],
    ['{{yes}}', true],
    ['{{none}}', null],
    ['{{text}}', '3'],
    ['{{list}}', [1, { a: 2 }]],
    ['{{object}}', { a: 1 }],
    ['{{add n 1}}', 4],
    ['{{gt n 2}}', true],
    ['{{split "a,b" ","}}', ['a', 'b']],
    ['{{lookup object "a"}}', 1],
    ['{{string n}}', '3'],
    ['{{int text}}', 3],
    ['{{json object}}', '{"a":1}'],
    ['{{n}}m', '3m'],
    [' {{n}}', ' 3'],
    ['{{n}}\n', '3\n'],
    ['{{n}}{{n}}', '33'],
    ['{{#if yes}}{{n}}{{/if}}', '3'],
    ['3', '3'],
    ['', ''],
  ];
  for (const [source, value] of cases) {
    it(`makes ${JSON.stringify(value)} of ${JSON.stringify(source)}`, () => {
      assert.deepEqual(renderValue(source, scope), value);
    });
  }

  it('is as strict as text', () => {
    assert.throws(() => renderValue('{{m}}', scope), { name: 'TemplateError', message: /^unknown name "m"; known: n, /, line: 1 });
  });
});
