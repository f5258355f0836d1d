import assert from 'node:assert/strict';

import { jsonPatch } from '../../../../kubernetes/patches/json.ts';
import { UnfitPatch } from '../../../../kubernetes/patches/unfit-patch.ts';

describe('jsonPatch', () => {
  // RFC 6902, appendix A.
  const examples: [string, unknown, unknown[], unknown][] = [
    ['adds a field', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    ['adds an item', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    ['adds at the end', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
    ['removes a field', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['removes an item', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    ['replaces a value', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    ['moves a value', { a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
    ['moves an item', { a: [1, 2, 3] }, [{ op: 'move', from: '/a/0', path: '/a/2' }], { a: [2, 3, 1] }],
    ['copies a value', { a: { b: [1] } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: [1] }, c: { b: [1] } }],
    ['reads escaped paths', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    ['replaces the whole', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ];
  for (const [name, target, patch, expected] of examples) {
    it(name, () => {
      assert.deepEqual(jsonPatch(target, patch), expected);
    });
  }

  const refusals: [string, unknown, unknown, UnfitPatch['problem']][] = [
    ['a test that fails', { a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 'inapplicable'],
    ['the removal of nothing', { a: 1 }, [{ op: 'remove', path: '/b' }], 'inapplicable'],
    ['a path without its parents', { a: 1 }, [{ op: 'add', path: '/b/c', value: 1 }], 'inapplicable'],
    ['a path through what all objects share', { a: 1 }, [{ op: 'add', path: '/__proto__/x', value: 1 }], 'inapplicable'],
    ['the removal of what all objects share', { a: 1 }, [{ op: 'remove', path: '/toString' }], 'inapplicable'],
    ['a copy from beyond the end', { a: [1] }, [{ op: 'copy', from: '/a/3', path: '/b' }], 'inapplicable'],
    ['an index beyond the end', { a: [1] }, [{ op: 'add', path: '/a/3', value: 1 }], 'inapplicable'],
    ['an operation that there is not', { a: 1 }, [{ op: 'double', path: '/a' }], 'inapplicable'],
    ['something else than a list', { a: 1 }, { op: 'remove', path: '/a' }, 'malformed'],
  ];
  for (const [name, target, patch, problem] of refusals) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => jsonPatch(target, patch),
        (error) => error instanceof UnfitPatch && error.problem === problem,
      );
    });
  }

  it('is as lenient as the API server', () => {
    const patch = [
      { op: 'replace', path: '/absent', value: 1 },
      { op: 'add', path: '/nothing' },
      { op: 'remove', path: '/list/-1' },
    ];

    const result = jsonPatch({ list: [1, 2] }, patch);

    assert.deepEqual(result, { list: [1], absent: 1, nothing: null });
  });

  it('takes __proto__ for a field like any other', () => {
    const result: any = jsonPatch({ a: {} }, [
      { op: 'add', path: '/a/__proto__', value: { x: 1 } },
      { op: 'add', path: '/a/__proto__/y', value: 2 },
      { op: 'copy', from: '/a/__proto__/y', path: '/b' },
    ]);

    assert.equal(JSON.stringify(result), '{"a":{"__proto__":{"x":1,"y":2}},"b":2}');
    assert.equal(result.a.x, undefined);
  });

  it('leaves the target and the patch as they are', () => {
    const target = Object.freeze({ list: Object.freeze([1]) });
    const patch = [{ op: 'add', path: '/list/-', value: 2 }];

    jsonPatch(target, patch);

    assert.deepEqual(target, { list: [1] });
  });
});
