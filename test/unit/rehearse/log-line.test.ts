import assert from 'node:assert/strict';
import { logLine, mergeJsonLines } from '../../../runner/rehearse/log-line.ts';

describe('a line for a metric of type logs', () => {
  const texts: [query: string, value: number, line: string][] = [
    [String.raw`http_reqs\.*: (\d+)`, 42, 'http_reqs: 42'],
    [String.raw`^latency\s+p95=([\d.]+)ms$`, 0.5, 'latency p95=0.5ms'],
    ['took (?:about )?([0-9]+) s', 7, 'took 7 s'],
    ['(?:ok|fine): ([0-9]{2,4})[a-z]', 12, 'ok: 12a'],
    ['rate: (-?[0-9.]+)', -1.5, 'rate: -1.5'],
  ];
  for (const [query, value, line] of texts) {
    it(`matches ${query}`, () => {
      assert.equal(logLine('regexp', query, value), line);
    });
  }

  const paths: [query: string, line: string][] = [
    ['p95', '{"p95":3}'],
    ['metrics.http_req_duration.p(95)', '{"metrics":{"http_req_duration":{"p(95)":3}}}'],
    ['runs[1].rate', '{"runs":[null,{"rate":3}]}'],
    ['["a.b"].count', '{"a.b":{"count":3}}'],
  ];
  for (const [query, line] of paths) {
    it(`has the path ${query}`, () => {
      assert.equal(logLine('json', query, 3), line);
    });
  }

  it('is not made for a number that the expression does not take', () => {
    assert.equal(logLine('regexp', String.raw`n=(\d+)$`, 0.5), undefined);
  });

  it('is not made where an expression looks around', () => {
    assert.equal(logLine('regexp', String.raw`(?<=total )(\d+)`, 5), undefined);
  });

  it('answers several paths at once', () => {
    assert.equal(mergeJsonLines(['{"a":{"b":1}}', '{"a":{"c":[null,2]}}', '{"a":{"c":[3]}}']), '{"a":{"b":1,"c":[3,2]}}');
  });
});
