import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TimedEvent } from '../../support/run-fieldtrial.ts';
import { EVENT_FIELDS } from '../../support/event-fields.ts';

const page = readFileSync(new URL('../../../docs/progress.md', import.meta.url), 'utf8');

/** The fields that the page's table of an event names, `name?` where it may be absent. */
function documentedFields(section: string): Record<string, string> {
  const rows = Array.from(section.matchAll(/^\| `(\w+)(\??)` \| (?:string|number|boolean|object)(?:\[\])? \| \S/gm));
  return Object.fromEntries(rows.map(([, name = '', mark]) => [name, mark === '?' ? 'sometimes' : 'always']));
}

describe('docs/progress.md', () => {
  const sections = page.split(/^### /m).slice(1);
  const documented = Object.fromEntries(
    sections.map((section) => [/^`([a-z-]+)`\n/.exec(section)?.[1] ?? section, documentedFields(section)]),
  );

  it('tells of every event with every field, and of nothing else', () => {
    assert.deepEqual(documented, EVENT_FIELDS);
  });

  it('shows lines that have the fields of their type', () => {
    const [, text = ''] = /^```json\n(.*?)^```/ms.exec(page) ?? [];
    const lines = text.trim().split('\n');

    assert.ok(lines.length > 1);
    for (const line of lines) {
      const { timestamp, type, ...fields } = JSON.parse(line) as TimedEvent;
      const known = Object.entries(documented[type] ?? {});
      const always = known.filter(([, when]) => when === 'always').map(([name]) => name);
      assert.equal(new Date(timestamp).toISOString(), timestamp);
      assert.deepEqual(
        always.filter((name) => !(name in fields)),
        [],
        line,
      );
      assert.deepEqual(
        Object.keys(fields).filter((name) => !known.some(([each]) => each === name)),
        [],
        line,
      );
    }
  });
});
