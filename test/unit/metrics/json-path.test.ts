import assert from 'node:assert/strict';
import { parseJsonPath } from '../../../runner/metrics/json-path.ts';

const DOCUMENT = {
  current_response_time_percentile_95: 5,
  'a b': 6,
  latency: { p50: 1, 'p(95)': 2, 'p-99': 3 },
  labels: { 'app.kubernetes.io/name': 'shop' },
  items: [
    { name: 'a', value: 10, count: 1, tags: ['x', 'y'] },
    { name: 'b', value: 20, count: 2 },
    { name: "it's", value: 30, count: 3 },
  ],
};

describe('a JSONPath in kubectl’s dialect', () => {
  const cases: [path: string, matches: unknown[]][] = [
    ['{.current_response_time_percentile_95}', [5]],
    ['.current_response_time_percentile_95', [5]],
    ['current_response_time_percentile_95', [5]],
    ['{$.latency.p50}', [1]],
    [' { .latency.p50 } ', [1]],
    ['{.latency.p(95)}', [2]],
    ['{.latency.p-99}', [3]],
    ['{.latency["p(95)"]}', [2]],
    ["{['a b']}", [6]],
    [String.raw`{.labels.app\.kubernetes\.io/name}`, ['shop']],
    ['{.labels["app.kubernetes.io/name"]}', ['shop']],
    ['{.items[0].value}', [10]],
    ['{.items[-1].value}', [30]],
    ['{.items[0:2].value}', [10, 20]],
    ['{.items[::2].value}', [10, 30]],
    ['{.items[0,2].value}', [10, 30]],
    ['{.items[*].count}', [1, 2, 3]],
    ['{.items.*.count}', [1, 2, 3]],
    ["{.latency['p50','p-99']}", [1, 3]],
    ['{..count}', [1, 2, 3]],
    ['{.items[?(@.name=="b")].value}', [20]],
    ["{.items[?(@.name=='b')].value}", [20]],
    ['{.items[?(@.name == "it\'s")].value}', [30]],
    [String.raw`{.items[?(@.name=='it\'s')].value}`, [30]],
    ['{.items[?(@.name!="b")].value}', [10, 30]],
    ['{.items[?(@.count>=2)].value}', [20, 30]],
    ['{.items[?(@.count<2)].value}', [10]],
    ['{.items[?(@.tags)].value}', [10]],
    ['{.items[?(@.tags[0]=="x")].value}', [10]],
    ['{..[?(@.name=="a")].value}', [10]],
    ['{.nothing.here}', []],
    ['{.items[7].value}', []],
    ['{.items.length}', []],
    ['{.items.constructor}', []],
  ];
  for (const [path, matches] of cases) {
    it(`${path} matches ${JSON.stringify(matches)}`, () => {
      const parsed = parseJsonPath(path);

      assert.ok('matches' in parsed);
      assert.deepEqual(parsed.matches(DOCUMENT), matches);
    });
  }

  for (const path of [
    '',
    '{}',
    '{.a',
    '{.a}{.b}',
    'value {.a}',
    '{range .items[*]}{.a}{end}',
    '{.items[0}',
    '{.items[a]}',
    '{.items[?(@.name="b")]}',
    '{.items[?(name=="b")]}',
    '{.items[?(@.count>1 && @.count<3)]}',
    '{.items[?(process.exit())]}',
    '{.a b}',
    '{.a..}',
    '{"text"}',
  ]) {
    it(`${JSON.stringify(path)} is none`, () => {
      const parsed = parseJsonPath(path);

      assert.deepEqual(parsed, {
        problem: `${JSON.stringify(path)} is not a JSONPath; expected one expression as kubectl takes it, such as {.latency.p95}`,
      });
    });
  }
});
