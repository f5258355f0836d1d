import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { load } from 'js-yaml';

import { checkTemplate } from '../../../runner/template/check-template.ts';
import { HELPERS } from '../../../runner/template/helpers/all.ts';
import { renderText } from '../../../runner/template/render-text.ts';
import { renderValue } from '../../../runner/template/render-value.ts';

const page = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');
const [introduction, scopeText] = Array.from(page.matchAll(/^```yaml\n(.*?)^```/gms), ([, block]) => block!);
const scope = load(scopeText!) as { values: object };

describe('docs/templates.md', () => {
  it('begins with a patch that renders to YAML', () => {
    const { patches } = load(introduction!) as { patches: { patch: string }[] };

    const rendered = load(renderText(patches[0]!.patch, scope));

    assert.deepEqual(rendered, {
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                name: 'app',
                resources: { limits: { cpu: '250m', memory: '512Mi' } },
                env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-XX:+UseZGC' }],
              },
            ],
          },
        },
      },
    });
  });

  it('has an example of every helper', () => {
    const documented = tableRows('Helper').flatMap(([signature]) =>
      signature!
        .matchAll(/`(\w+)[^`]*`/g)
        .map(([, name]) => name!)
        .toArray(),
    );

    assert.deepEqual(documented.toSorted(), [...HELPERS.keys()].toSorted());
  });

  for (const [signature, example, result] of tableRows('Helper')) {
    it(`tells the truth about ${signature!.split('`')[1]}`, () => {
      assert.equal(renderText(code(example!), scope), code(result!));
    });
  }

  it('has no example that the check of names would refuse', () => {
    const examples = tableRows('Helper').map(([, example]) => code(example!));

    assert.deepEqual(
      examples.flatMap((example) => checkTemplate(example, scope)),
      [],
    );
  });

  for (const [template, value] of tableRows('Template | Value')) {
    it(`tells the truth about the value of ${template}`, () => {
      assert.deepEqual(renderValue(code(template!), scope), JSON.parse(code(value!)));
    });
  }

  for (const [template, message] of tableRows('Template | Error')) {
    it(`tells the truth about the error of ${template}`, () => {
      assert.throws(() => renderText(code(template!), scope), { name: 'TemplateError', message: code(message!) });
    });
  }
});

/** The rows of all tables whose header begins so, as cells. */
function tableRows(header: string): string[][] {
  const tables = page.split(`\n| ${header}`).slice(1);
  return tables.flatMap((table) => {
    const lines = table.split('\n');
    const end = lines.findIndex((line, index) => index > 0 && !line.startsWith('|'));
    return lines.slice(2, end === -1 ? undefined : end).map(cells);
  });
}

/** In a table `\|` stands for the character itself. */
function cells(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function code(cell: string): string {
  return /^`(.*)`$/.exec(cell)![1]!;
}
