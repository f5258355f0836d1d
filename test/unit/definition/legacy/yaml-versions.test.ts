import assert from 'node:assert/strict';
import { inYaml12 } from '../../../../runner/definition/legacy/yaml-versions.ts';

describe('YAML 1.1 of a patch', () => {
  for (const [what, former, expected] of [
    ['booleans of YAML 1.1', 'a: yes\nb: No # why\nc: on\n- off\nd: y', 'a: true\nb: false # why\nc: true\n- false\nd: true'],
    ['booleans in flow collections', 'a: {b: no, c: [on, x], d: yes}', 'a: {b: false, c: [true, x], d: true}'],
    ['octal numbers', 'defaultMode: 0644\n{mode: 0o644, other: 010}', 'defaultMode: 0o644\n{mode: 0o644, other: 0o10}'],
  ] as const) {
    it(`is written in 1.2: ${what}`, () => {
      assert.equal(inYaml12(former), expected);
    });
  }

  for (const text of [
    'a: "yes"\nb: \'no\'',
    'a: "b: no, c"',
    'a: yesterday\nnode: x-no\non: 1',
    'a: "{b: no}"',
    'data:\n  app.yaml: |\n    debug: yes\n    mode: 0644\n\n    more: no\n  other: x',
    'args:\n- >-\n  -a: no\n',
    'a: 0\nb: 08\nc: 10',
    'a: {{ if no }}x{{ end }}',
    '{"a": "no"}',
  ]) {
    it(`is left as it is: ${JSON.stringify(text)}`, () => {
      assert.equal(inYaml12(text), text);
    });
  }
});
