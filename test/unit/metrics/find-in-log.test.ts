import assert from 'node:assert/strict';
import { findInJson, findInText } from '../../../runner/metrics/find-in-log.ts';

describe('a number in a log', () => {
  describe('by regular expression', () => {
    it('is the group of the last match', () => {
      const finding = findInText('p95 1.5 ms\np95 2.5 ms\ndone\n', String.raw`p95 ([\d.]+)`);

      assert.deepEqual(finding, { status: 'Found', value: 2.5, raw: 'p95 2.5' });
    });

    it('is bound to a line by ^ and $', () => {
      assert.deepEqual(findInText('rate 1\n7\nrate 2', String.raw`^(\d+)$`), { status: 'Found', value: 7, raw: '7' });
    });

    const none: [what: string, log: string, pattern: string, why: string][] = [
      ['without a match', 'nothing', String.raw`p95 (\d+)`, 'no match'],
      [
        'when the last match is not a number, also if an earlier one is',
        'p95 1\np95 NaN',
        String.raw`p95 (\w+)`,
        'the last match "p95 NaN" gives no finite decimal number',
      ],
      ['when the group took no part', 'p95', String.raw`p95(\d+)?`, 'the last match "p95" gives no finite decimal number'],
      ['without a group', 'p95 1', String.raw`p95 \d+`, String.raw`p95 \d+ must have exactly one group to be looked for`],
      ['with two groups', 'p95 1', String.raw`(p95) (\d+)`, String.raw`(p95) (\d+) must have exactly one group to be looked for`],
      ['with an expression that is none', 'p95 1', '(', '( is not a regular expression that could be looked for'],
    ];
    for (const [what, log, pattern, why] of none) {
      it(`is not there ${what}`, () => {
        assert.deepEqual(findInText(log, pattern), { status: 'None', why });
      });
    }
  });

  describe('by JSON path', () => {
    const found: [path: string, line: string, value: number][] = [
      ['p95', '{"p95": 2.5}', 2.5],
      ['.p95', '{"p95": 2.5}', 2.5],
      ['$.metrics.latency.p95', '{"metrics": {"latency": {"p95": 3}}}', 3],
      ['metrics.http_req_duration.p(95)', '{"metrics": {"http_req_duration": {"p(95)": 4}}}', 4],
      ['runs[1].rate', '{"runs": [{"rate": 1}, {"rate": 2}]}', 2],
      ['[0]', '[7]', 7],
      ['["a.b"].c', '{"a.b": {"c": 1}}', 1],
      ['rate', '{"rate": "12.5"}', 12.5],
    ];
    for (const [path, line, value] of found) {
      it(`${path} is ${value} in ${line}`, () => {
        assert.deepEqual(findInJson(line, path), { status: 'Found', value, raw: line });
      });
    }

    it('is looked up in the last line that is JSON, whatever follows', () => {
      const finding = findInJson('{"p95": 1}\n  {"p95": 2}\n{broken\nbye\n', 'p95');

      assert.deepEqual(finding, { status: 'Found', value: 2, raw: '{"p95": 2}' });
    });

    const none: [what: string, log: string, path: string, why: string][] = [
      ['without JSON', 'p95 1', 'p95', 'no line that is JSON'],
      [
        'when the last JSON line does not have it, also if an earlier one does',
        '{"p95": 1}\n{"rate": 2}',
        'p95',
        'p95 gives no finite number for the last line that is JSON',
      ],
      ['when it is an object', '{"p95": {}}', 'p95', 'p95 gives no finite number for the last line that is JSON'],
      ['when it is null', '{"p95": null}', 'p95', 'p95 gives no finite number for the last line that is JSON'],
      [
        'when it is inherited',
        '{"list": []}',
        'list.constructor.length',
        'list.constructor.length gives no finite number for the last line that is JSON',
      ],
      ['with a path that is none', '{}', 'a..b', 'a..b is not a path such as a.b[0]["c.d"] that could be looked up'],
      ['with an empty path', '{}', '', ' is not a path such as a.b[0]["c.d"] that could be looked up'],
    ];
    for (const [what, log, path, why] of none) {
      it(`is not there ${what}`, () => {
        assert.deepEqual(findInJson(log, path), { status: 'None', why });
      });
    }
  });
});
