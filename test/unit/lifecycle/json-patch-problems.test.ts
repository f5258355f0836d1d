import assert from 'node:assert/strict';
import { jsonPatchProblems } from '../../../runner/lifecycle/json-patch-problems.ts';

describe('operations of a JSON patch', () => {
  for (const [operation, problem] of [
    [
      { op: 'relpace', path: '/a', value: 1 },
      'operation 1: op: expected one of add, remove, replace, move, copy, test, got "relpace"; did you mean "replace"?',
    ],
    [{ path: '/a', value: 1 }, 'operation 1: op: is required: one of add, remove, replace, move, copy, test'],
    [{ op: 'remove' }, 'operation 1: path: is required: a JSON pointer such as /spec/replicas'],
    [{ op: 'remove', path: 'a' }, 'operation 1: path: "a" is not a JSON pointer such as /spec/replicas'],
    [
      { op: 'remove', path: '/a~b' },
      'operation 1: path: "/a~b" is not a JSON pointer such as /spec/replicas; "~" is written ~0 and "/" in a name ~1',
    ],
    [{ op: 'replace', path: '/a' }, 'operation 1: value: is required by replace'],
    [{ op: 'move', path: '/a' }, 'operation 1: from: is required: a JSON pointer such as /spec/replicas'],
    [{ op: 'copy', path: '/a', from: 'b' }, 'operation 1: from: "b" is not a JSON pointer such as /spec/replicas'],
    [{ op: 'move', path: '/a/b', from: '/a' }, 'operation 1: from: "/a" cannot be moved into itself'],
    ['remove', 'operation 1: expected an object with op and path, got "remove"'],
    [{ op: 'remove', path: 12 }, 'operation 1: path: 12 is not a JSON pointer such as /spec/replicas'],
  ] as const) {
    it(`refuses ${JSON.stringify(operation)}`, () => {
      assert.deepEqual(jsonPatchProblems([operation]), [problem]);
    });
  }

  it('refuses every one that is wrong, by its position', () => {
    const problems = jsonPatchProblems([
      { op: 'add', path: '/a', value: 1 },
      { op: 'ad', value: 1 },
    ]);

    assert.equal(problems.length, 2);
    assert.ok(problems.every((each) => each.startsWith('operation 2: ')));
  });

  for (const operation of [
    { op: 'add', path: '/a/-', value: null },
    { op: 'add', path: '/metadata/annotations/app.kubernetes.io~1name', value: '' },
    { op: 'replace', path: '', value: {}, comment: 'members of no meaning are ignored' },
    { op: 'test', path: '/', value: 0 },
    { op: 'remove', path: '/a~0b/-1' },
    { op: 'move', from: '/a', path: '/ab' },
    { op: 'copy', from: '/a', path: '/a/b' },
  ]) {
    it(`takes ${JSON.stringify(operation)}`, () => {
      assert.deepEqual(jsonPatchProblems([operation]), []);
    });
  }
});
