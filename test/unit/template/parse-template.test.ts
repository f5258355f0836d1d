import assert from 'node:assert/strict';

import { parseTemplate } from '../../../runner/template/parse-template.ts';

describe('parseTemplate', () => {
  const cases: [source: string, line: number, message: string][] = [
    ['{{#if x}', 1, 'syntax error at "}" in "{{#if x}"'],
    ['{{#if x}}a', 1, 'an expression or a block is not closed before the template ends'],
    ['a\n{{#if x}}a{{/each}}', 2, '{{#if}} is closed by {{/each}}'],
    ['a\n{{/if}}', 2, 'syntax error at "{{/if}}" in "a{{/if}}": this closes a block that was not opened'],
    ['{{', 1, 'an expression or a block is not closed before the template ends'],
    ['a\r\n{{x y=}}\r\nb', 2, 'syntax error at "}}\rb" in "a\r{{x y=}}\rb"'],
    ['{{else}}', 1, 'syntax error at "{{else}}" in "{{else}}": {{else}} belongs to no block'],
    ['{{}}', 1, 'syntax error at "}}" in "{{}}"'],
    ['{{foo (bar}}', 1, 'syntax error at "}}" in "{{foo (bar}}"'],
    ['{{values/..}}', 1, 'invalid path "values/.."; "this" and ".." may only begin one'],
    ['a\n\n{{!-- open', 3, 'a comment or a raw block is not closed before the template ends'],
    ['{{items.0}}', 1, 'syntax error at "0}}" in "{{items.0}}": a position in a list is written in brackets: {{items.[0]}}'],
    ['{{upper "a}}', 1, 'syntax error at ""a}}" in "{{upper "a}}"'],
    [
      '{cpu: {{values.cpu}}}',
      1,
      'syntax error at "}}}" in "{cpu: {{values.cpu}}}": a brace of YAML after an expression needs a space before it: {{x}} }',
    ],
    [
      '{a: {b: {{c}}}}',
      1,
      'syntax error at "}}}}" in "{a: {b: {{c}}}}": a brace of YAML after an expression needs a space before it: {{x}} }',
    ],
    ['{{ .Values.cpu }}', 1, 'syntax error at ".Values.cpu }}" in "{{ .Values.cpu }}": names have no leading dot: {{values.cpu}}'],
    ['{{values.cpu | GB}}', 1, 'syntax error at "| GB}}" in "{{values.cpu | GB}}": there are no pipes: {{outer (inner value)}}'],
  ];
  for (const [source, line, message] of cases) {
    it(`explains ${JSON.stringify(source)} in one sentence`, () => {
      assert.throws(
        () => parseTemplate(source),
        (error: any) => {
          assert.deepEqual({ line: error.line, message: error.message }, { line, message });
          assert.ok(error.cause instanceof Error);
          return true;
        },
      );
    });
  }

  it('takes a crash of the parser for a problem of the template', () => {
    assert.throws(() => parseTemplate('{{#each items as |[x]|}}{{/each}}'), {
      name: 'TemplateError',
      message: /^Handlebars cannot read this: /,
    });
  });
});
