import assert from 'node:assert/strict';
import { parseYaml, readYaml } from '../../../runner/definition/read-yaml.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';

describe('readYaml', () => {
  it('knows the line of a key, of an item of a list, and of a flow mapping over several lines', () => {
    const [document] = readYaml('# note\na: 1\nlist:\n  - x\n  - {b: 1,\n     "c": 2}\n', 'f.yaml');

    const lines = [['a'], ['list'], ['list', 1], ['list', 1, 'b'], ['list', 1, 'c']].map((path) => document!.lineOf(path));

    assert.deepEqual(lines, [2, 3, 5, 5, 6]);
  });

  it('gives a field that is not there the line of its nearest parent', () => {
    const [document] = readYaml('a: 1\nb:\n  c:\n    d: 1\n', 'f.yaml');

    assert.equal(document!.lineOf(['b', 'c', 'missing', 'deeper']), 3);
  });

  it('gives a field below an alias the line of the alias', () => {
    const [document] = readYaml('a: &x\n  b: 1\n\nc: *x\n', 'f.yaml');

    assert.equal(document!.lineOf(['c', 'b']), 4);
  });

  it('keeps apart the lines of several documents', () => {
    const documents = readYaml('a: 1\n---\n\na: 2\n', 'f.yaml');

    assert.deepEqual(
      documents.map(({ value, lineOf }) => [value, lineOf(['a'])]),
      [
        [{ a: 1 }, 1],
        [{ a: 2 }, 4],
      ],
    );
  });

  it('reads timestamps, yes and no as text', () => {
    const [document] = readYaml('[2020-01-01, yes, no, 1.5, 0x10, ~]', 'f.yaml');

    assert.deepEqual(document!.value, ['2020-01-01', 'yes', 'no', 1.5, 16, null]);
  });

  it('tells the line within a text that is a literal block', () => {
    const [document] = readYaml('a: |\n  x\n  y\nb: "x\\ny"\nc: {d: z}\n', 'f.yaml');

    const lines = [['a'], ['b'], ['c', 'd']].map((path) => document!.lineOf(path, 2));

    assert.deepEqual(lines, [3, 4, 5]);
  });

  it('expands aliases into values of their own', () => {
    const [document] = readYaml('a: &x {b: 1}\nc: *x\n', 'f.yaml');

    const { a, c } = document!.value as any;
    assert.deepEqual(c, { b: 1 });
    assert.notEqual(a, c);
  });

  it('reads an empty text as no document', () => {
    assert.deepEqual(readYaml('# nothing\n', 'f.yaml'), []);
  });

  it('throws what it could not parse with its line', () => {
    assert.throws(
      () => readYaml('a: 1\nb: [1, 2\nc: 3\n', 'f.yaml'),
      (error) =>
        error instanceof InvalidInput &&
        error.problems.length === 1 &&
        error.problems[0]!.file === 'f.yaml' &&
        error.problems[0]!.line! >= 2,
    );
  });
});

describe('parseYaml', () => {
  it('reads YAML 1.1 as kubectl does', () => {
    const { documents, problems } = parseYaml('a: &a {x: yes, y1: 2020-01-01}\nb: {<<: *a, z: off, mode: 0644}\n', 'f.yaml', '1.1');

    assert.deepEqual(problems, []);
    assert.deepEqual(documents[0]?.value, { a: { x: true, y1: '2020-01-01' }, b: { x: true, y1: '2020-01-01', z: false, mode: 420 } });
  });

  it('reports every duplicate key once, with both lines, and still reads the rest', () => {
    const { documents, problems } = parseYaml('a: {x: 1}\nb: 2\na: {x: 2}\nb: 3\n', 'f.yaml');

    assert.deepEqual(documents[0]!.value, { a: { x: 2 }, b: 3 });
    assert.deepEqual(problems, [
      { file: 'f.yaml', line: 3, path: 'a', message: 'the key is there twice, first on line 1; remove one' },
      { file: 'f.yaml', line: 4, path: 'b', message: 'the key is there twice, first on line 2; remove one' },
    ]);
  });

  it('does not take the same key in two items of a list for a duplicate', () => {
    assert.deepEqual(parseYaml('- {a: 1}\n- {a: 2}\n', 'f.yaml').problems, []);
  });

  it('refuses numbers that kubectl reads as octal, and no others', () => {
    const { problems } = parseYaml('volumes:\n  - defaultMode: 0640\nok: [0o640, 640, 0, 0.5, "0640", !!str 0640, 08, -1]\n', 'f.yaml');

    assert.deepEqual(problems, [
      {
        file: 'f.yaml',
        line: 2,
        path: 'volumes[0].defaultMode',
        message: '0640 is octal to kubectl and decimal in YAML 1.2; write 0o640, 640, or "0640" for text',
      },
    ]);
  });

  it('refuses an alias that contains itself', () => {
    const { problems } = parseYaml('a: &x [*x]', 'f.yaml');

    assert.match(problems[0]!.message, /aliases nest/);
  });

  it('refuses aliases that grow without bounds', () => {
    const levels = Array.from({ length: 10 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`);

    const { problems } = parseYaml(['l0: &l0 x', ...levels].join('\n'), 'f.yaml');

    assert.match(problems[0]!.message, /aliases expand to more than 100000 values/);
  });
});
