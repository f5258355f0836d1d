import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(import.meta.dirname, '../../../../docs');

describe('The mistakes of docs/migration.md that are not repeated', () => {
  const mistakes = readFileSync(join(DOCS, 'migration.md'), 'utf8')
    .matchAll(/^\| (\d+) \|.*\| ([^|]*) \|$/gm)
    .map(([, number, shown = '']) => ({ number: Number(number), tests: testsOf(shown) }))
    .toArray();

  it('are the 21 that were found', () => {
    assert.deepEqual(
      mistakes.map(({ number }) => number),
      Array.from({ length: 21 }, (_, index) => index + 1),
    );
  });

  for (const { number, tests } of mistakes) {
    it(`are shown by tests that exist: ${number}`, () => {
      assert.ok(tests.length > 0);
      for (const { title, file } of tests) {
        assert.match(file, /\.test\.ts$/);
        assert.ok(existsSync(file), `there is no ${file}`);
        assert.ok(hasTest(readFileSync(file, 'utf8'), title), `${file} has no test "${title}"`);
      }
    });
  }

  it('are not shown by the beginning of a title, nor by a case that a test does not have', () => {
    const source = "it('does this', () => {}); for (const what of ['in a', 'in b']) it(`fails ${what}`, () => {});";

    assert.deepEqual(
      ['does this', 'does', 'fails in a', 'fails in c', 'fails '].map((title) => hasTest(source, title)),
      [true, false, true, false, false],
    );
  });
});

/** The links of a cell: each a test's title and the absolute path of its file. */
function testsOf(cell: string): { title: string; file: string }[] {
  return cell
    .matchAll(/\[`([^`]+)`\]\(([^)]+)\)/g)
    .map(([, title = '', path = '']) => ({ title, file: join(DOCS, path) }))
    .toArray();
}

/** Whether a text of the source is this title, or a template makes it of texts of the source. */
function hasTest(source: string, title: string): boolean {
  const texts = new Set([...source.matchAll(/'([^'\n]+)'|"([^"\n]+)"/g)].map(([, single, double]) => single ?? double));
  if (texts.has(title)) return true;
  const templates = [...source.matchAll(/\bit\(\s*`([^`]+)`/g)].map(([, template = '']) => template.split(/\$\{\w+\}/));
  return templates.some((parts) => {
    const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)');
    const values = new RegExp(`^${pattern}$`).exec(title)?.slice(1) ?? [];
    return values.length > 0 && values.every((value) => texts.has(value));
  });
}
