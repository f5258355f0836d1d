import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { importExperiment } from '../../../../runner/definition/legacy/import-experiment.ts';
import { LEGACY_VERSIONS } from '../../../../runner/definition/legacy/versions.ts';
import { translateGoTemplate } from '../../../../runner/template/go/translate.ts';

const page = readFileSync(new URL('../../../../docs/migration.md', import.meta.url), 'utf8');

describe('docs/migration.md', () => {
  it('shows what import makes of its example', () => {
    const [before, after] = page
      .matchAll(/^```yaml\n([^]*?)^```/gm)
      .map(([, text]) => text!)
      .toArray();

    const { imported, problems } = importExperiment(before!, 'old.yaml');

    assert.deepEqual(problems, []);
    assert.equal(imported!.experiment, after);
  });

  it('names every version', () => {
    for (const version of LEGACY_VERSIONS) assert.ok(page.includes(`\`${version}\``), version);
  });

  for (const [go, ours] of rows('| Go | here |')) {
    it(`tells the truth about ${go}`, () => {
      assert.equal(translateGoTemplate(go!, 'query'), ours);
    });
  }
});

/** The cells of all tables with this header, without their backquotes; `\|` stands for the character itself. */
function rows(header: string): string[][] {
  return page
    .split(`${header}\n`)
    .slice(1)
    .flatMap((table) => {
      const lines = table.split('\n').slice(1);
      return lines.slice(
        0,
        lines.findIndex((line) => !line.startsWith('|')),
      );
    })
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|').slice(1, -1)),
    );
}
