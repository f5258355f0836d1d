import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { metricSchema } from '../../../runner/definition/metric-schema.ts';
import { loadMetricAccess } from '../../../runner/metrics/access/load-metric-access.ts';
import { findInJson, findInText } from '../../../runner/metrics/find-in-log.ts';
import { parseJsonPath } from '../../../runner/metrics/json-path.ts';
import { findSelectors } from '../../../runner/metrics/prometheus/selectors.ts';
import { renderText } from '../../../runner/template/render-text.ts';
import { aMetricContext } from '../../support/a-metric-context.ts';

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
const [, example = ''] = /^```yaml\n(.*?)^```/ms.exec(page) ?? [];
const { metrics } = load(example) as { metrics: { name: string; type?: string; query: string }[] };
const queryOf = (name: string) => metrics.find((metric) => metric.name === name)!.query;

describe('docs/metrics.md', () => {
  it('begins with metrics that are valid', () => {
    const problems = metrics.map((metric) => metricSchema.safeParse({ type: 'kubernetes', ...metric }).error?.message);

    assert.deepEqual(problems, [undefined, undefined, undefined]);
  });

  it('shows metrics of every type that are valid', () => {
    const shown = [...page.matchAll(/^```yaml\n(metrics:.*?)^```/gms)].flatMap(([, text]) => (load(text!) as { metrics: any[] }).metrics);

    const problems = shown.map((metric) => metricSchema.safeParse({ type: 'kubernetes', ...metric }).error?.message);

    assert.deepEqual(
      problems.filter((problem) => problem !== undefined),
      [],
    );
    assert.deepEqual([...new Set(shown.map(({ type }) => type ?? 'kubernetes'))].toSorted(), [
      'datadog',
      'jsonpath',
      'kubernetes',
      'logs',
      'newrelic',
      'prometheus',
    ]);
  });

  it('shows a JSONPath that finds a number', () => {
    const [, query = ''] = /^ {4}query: '(\{\.stats.*\})'$/m.exec(page) ?? [];
    const path = parseJsonPath(query);

    assert.deepEqual(
      'matches' in path &&
        path.matches({
          stats: [
            { name: '/', current_rps: 1 },
            { name: 'Aggregated', current_rps: 7 },
          ],
        }),
      [7],
    );
  });

  it('shows a metric access file as it is, which is valid', async () => {
    const file = fileURLToPath(new URL('../../../docs/examples/installation/metric-access.yaml', import.meta.url));

    assert.ok(page.includes(`\n# installation/metric-access.yaml\n${readFileSync(file, 'utf8')}\`\`\``));
    assert.equal((await loadMetricAccess(file)).credentials.length, 2);
  });

  it('shows a PromQL query that names its targets', () => {
    const query = renderText(queryOf('p95'), aMetricContext().scope);

    assert.deepEqual(
      findSelectors(query).map(({ equals }) => Object.fromEntries(equals)),
      [{ job: 'checkout', namespace: 'shop' }],
    );
  });

  it("shows an expression that finds the number of k6's summary", () => {
    const found = findInText('     http_reqs......................: 1234   41.1/s\n', queryOf('requests'));

    assert.equal(found.status === 'Found' && found.value, 1234);
  });

  for (const [path, line] of [
    ['metrics.http_req_duration.p(95)', '{"metrics": {"http_req_duration": {"p(95)": 1}}}'],
    ['runs[0].rate', '{"runs": [{"rate": 1}]}'],
    ['["a.b"].count', '{"a.b": {"count": 1}}'],
  ] as const) {
    it(`shows the path ${path}, which can be looked up`, () => {
      assert.ok(page.includes(`\`${path}\``));
      assert.equal(findInJson(line, path).status, 'Found');
    });
  }
});
