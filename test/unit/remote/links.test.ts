import assert from 'node:assert/strict';
import { parseLinks } from '../../../runner/remote/links.ts';

const BASE = 'https://api.example.com/v1/experiments/sizing';

describe('links of the Experiments API', () => {
  const cases: [what: string, header: unknown, expected: Record<string, string>][] = [
    ['a quoted relation', '<https://api.example.com/a>; rel="self"', { self: 'https://api.example.com/a' }],
    ['one without quotes', '<https://api.example.com/a>; rel=self', { self: 'https://api.example.com/a' }],
    ['a relation in another case', '<https://api.example.com/a>; REL="Self"', { self: 'https://api.example.com/a' }],
    ['several in one header', '</a>; rel=self, </b>;rel="next"', { self: 'https://api.example.com/a', next: 'https://api.example.com/b' }],
    ['several headers', ['</a>; rel=self', '</b>; rel=up'], { self: 'https://api.example.com/a', up: 'https://api.example.com/b' }],
    [
      'a relative one',
      '<sizing/trials>; rel="https://stormforge.io/rel/trials"',
      { trials: 'https://api.example.com/v1/experiments/sizing/trials' },
    ],
    ["the ancestor's alias previous", '</a>; rel=previous', { prev: 'https://api.example.com/a' }],
    [
      'older relations',
      '</n>; rel="https://carbonrelay.com/rel/nextTrial", </t>; rel="https://carbonrelay.com/rel/triallabels"',
      { 'next-trial': 'https://api.example.com/n', labels: 'https://api.example.com/t' },
    ],
    ['a URL with commas and semicolons', '</a?labels=x,y;z>; rel=self', { self: 'https://api.example.com/a?labels=x,y;z' }],
    ['other parameters beside it', '</a>; title="a, b; rel=x"; rel=self; type=json', { self: 'https://api.example.com/a' }],
    ['several relations of one link', '</a>; rel="self up"', { self: 'https://api.example.com/a', up: 'https://api.example.com/a' }],
    ['none', undefined, {}],
    ['what is no link', 'self', {}],
  ];
  for (const [what, header, expected] of cases) {
    it(`are read: ${what}`, () => {
      assert.deepEqual(Object.fromEntries(parseLinks(header, BASE)), expected);
    });
  }
});
