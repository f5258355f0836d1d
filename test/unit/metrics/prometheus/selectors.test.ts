import assert from 'node:assert/strict';
import { findSelectors } from '../../../../runner/metrics/prometheus/selectors.ts';

describe('the selectors of a PromQL query', () => {
  const cases: [query: string, ...selectors: { text: string; equals?: Record<string, string> }[]][] = [
    ['up', { text: 'up' }],
    ['up{job="api"}', { text: 'up{job="api"}', equals: { job: 'api' } }],
    ['{__name__="up", job="api",}', { text: '{__name__="up",job="api",}', equals: { __name__: 'up', job: 'api' } }],
    [
      'rate(http_requests_total{job="api",code!="500",path=~"/a.*"}[5m])',
      { text: 'http_requests_total{job="api",code!="500",path=~"/a.*"}', equals: { job: 'api' } },
    ],
    ['sum by (pod, job) (rate(a[1m:10s] offset 5m)) / on (pod) group_left (node) b', { text: 'a' }, { text: 'b' }],
    ['sum(a) by (job) > bool 5 and b unless c', { text: 'a' }, { text: 'b' }, { text: 'c' }],
    [
      'histogram_quantile(0.95, sum without (instance) (rate(job:latency:rate5m{le="+Inf"}[5m])))',
      { text: 'job:latency:rate5m{le="+Inf"}', equals: { le: '+Inf' } },
    ],
    [`a{x='it\\'s',y=\`b\\n\`} # c{job="no"}\n+ d`, { text: `a{x='it\\'s',y=\`b\\n\`}`, equals: { x: "it's", y: 'b\\n' } }, { text: 'd' }],
    ['{"http.requests", "my.job"="api"}', { text: '{"http.requests","my.job"="api"}', equals: { 'my.job': 'api' } }],
    ['label_replace(a, "b", "$1", "c", "(.*)") @ 1700000000', { text: 'a' }],
    ['a{x="}"} + Inf - NaN * 1e3', { text: 'a{x="}"}', equals: { x: '}' } }],
    ['vector(1) + time()'],
    ['scalar(1)'],
    [''],
    ['a{job="api"', { text: 'a{job="api"', equals: { job: 'api' } }],
  ];
  for (const [query, ...selectors] of cases) {
    it(`of ${query === '' ? 'nothing' : query}`, () => {
      const found = findSelectors(query).map(({ text, equals }) => ({ text, equals: Object.fromEntries(equals) }));

      assert.deepEqual(
        found,
        selectors.map(({ text, equals = {} }) => ({ text, equals })),
      );
    });
  }
});
