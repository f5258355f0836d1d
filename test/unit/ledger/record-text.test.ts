import assert from 'node:assert/strict';
import { formatRecord, parseRecord } from '../../../runner/ledger/record-text.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import { aRecord } from '../../support/builders.ts';

describe('a record as text', () => {
  it('is YAML in the order of the model, numbers as numbers and logs as blocks', () => {
    assert.equal(formatRecord(aFullRecord()), FULL_TEXT);
  });

  it('does not depend on the order in which fields were set', () => {
    assert.equal(formatRecord(reversed(aFullRecord())), FULL_TEXT);
  });

  it('comes back as the same record', () => {
    assert.deepEqual(parseRecord(FULL_TEXT, 'r.yaml'), aFullRecord());
  });

  for (const text of [
    '',
    ' ',
    'a: b # c',
    '2026-01-01T00:00:00Z',
    '1e3',
    'yes',
    'null',
    '~',
    '- x',
    '--- \nx',
    'line\n',
    '\n\nline\n\n',
    '  indented\nline',
    'trailing  \nspace ',
    'a\tb\nc',
    'crlf\r\nline\r\n',
    '\u001b[31mred\u001b[0m\nplain',
    'non\u00a0breaking \u2028 separator \ufeff',
    '😀 日本\nzwei',
    `one word ${'long '.repeat(200)}`,
    '%directive',
    '"quoted" \'twice\' \\n',
  ]) {
    it(`keeps the string ${JSON.stringify(text.slice(0, 40))}`, () => {
      const record = aRecord({ failure: { message: text, evidence: { refused: text, events: [text, text] } } });

      assert.deepEqual(parseRecord(formatRecord(record), 'r.yaml'), record);
    });
  }

  for (const value of [0, -0, 1, -1, 0.1, 1e-7, 1e21, 1.5e300, 5e-324, 123_456_789_012, Number.MAX_SAFE_INTEGER, 0.1 + 0.2]) {
    it(`keeps the number ${Object.is(value, -0) ? '-0' : value}`, () => {
      const record = aRecord({ values: { metric: value }, assignments: { parameter: value } });

      assert.deepEqual(parseRecord(formatRecord(record), 'r.yaml'), record);
    });
  }

  it('writes equal parts twice and not as an alias', () => {
    const shared = { evidence: { containers: [{ pod: 'p', container: 'c' }] } };
    const container = shared.evidence.containers[0]!;

    const text = formatRecord(aRecord({ failure: { evidence: { containers: [container, container] } } }));

    assert.doesNotMatch(text, /[&*]ref/);
  });

  it('replaces the half of a surrogate pair, which no file can hold', () => {
    const record = aRecord({ failure: { message: 'cut \ud83d' } });

    assert.equal(parseRecord(formatRecord(record), 'r.yaml').status.failure?.message, 'cut \ufffd');
  });

  it('names file, line and cause when it is not YAML', () => {
    assert.throws(
      () => parseRecord('kind: Trial\nspec: [\n', 'experiments/a/trials/001.yaml'),
      (error: Error) => {
        assert.ok(error instanceof InvalidInput);
        assert.match(error.message, /^experiments\/a\/trials\/001\.yaml:\d+: not YAML: /);
        return true;
      },
    );
  });

  for (const [problem, text] of [
    ['kind: not a trial record; apiVersion must be fieldtrial.dev/v1alpha1 and kind Trial', 'kind: Experiment\n'],
    ['kind: not a trial record; apiVersion must be fieldtrial.dev/v1alpha1 and kind Trial', '[]\n'],
    ['not YAML: expected a document, but the input is empty', ''],
    ['spec.uid: must be the uid of the trial', formatRecord(aRecord()).replace(/ {2}uid: .*\n/, '')],
    ['spec.number: must be a whole number from 1', formatRecord(aRecord()).replace('number: 1', 'number: one')],
    ['status.phase: must be Completed or Failed, not "Running"', formatRecord(aRecord()).replace('phase: Completed', 'phase: Running')],
  ] as const) {
    it(`is refused with "${problem}"`, () => {
      assert.throws(() => parseRecord(text, 'r.yaml'), { name: 'InvalidInput', message: `r.yaml: ${problem}` });
    });
  }
});

function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reversed(field)]),
  ) as T;
}

function aFullRecord(): TrialRecord {
  return {
    apiVersion: 'fieldtrial.dev/v1alpha1',
    kind: 'Trial',
    metadata: { name: 'checkout-sizing-008' },
    spec: {
      experiment: 'checkout-sizing',
      number: 8,
      assignments: [
        { name: 'cpu', value: 1500 },
        { name: 'gc', value: 'zgc' },
      ],
      source: { type: 'queue', path: 'experiments/checkout-sizing/suggestions/try.yaml', blob: '0beec7b5' },
      baseline: false,
      definition: { commit: '62cdb7020ff920e5aa642c3d4066950dd1f01f4d', digest: '0123456789abcdef' },
      slot: 'shop-1',
      runner: { version: '0.1.0', run: '20260101-0001' },
      uid: '5f0c7f3e',
    },
    status: {
      phase: 'Failed',
      failure: {
        stage: 'run',
        reason: 'OOMKilled',
        message: 'container load was killed: out of memory',
        infrastructure: false,
        evidence: {
          containers: [{ pod: 'load-x', container: 'load', exitCode: 137, reason: 'OOMKilled', message: 'killed', log: 'one\ntwo: 2\n' }],
          events: ['BackOff: restarting'],
          refused: 'no',
          metric: { name: 'p95', query: 'up', raw: '{}' },
        },
      },
      startTime: '2026-01-01T00:00:10.000Z',
      completionTime: '2026-01-01T00:01:10.000Z',
      values: [{ name: 'p95', value: 0.231, error: 0.01, type: 'prometheus', query: 'up', raw: '{}', time: '2026-01-01T00:01:10.000Z' }],
      conditions: [{ type: 'Failed', status: 'True', reason: 'OOMKilled', message: '', lastTransitionTime: '2026-01-01T00:01:10.000Z' }],
      stages: [{ stage: 'run', startedAt: '2026-01-01T00:00:10.000Z', finishedAt: '2026-01-01T00:01:10.000Z' }],
      patches: [{ target: 'Deployment checkout', type: 'strategic', effect: 'changed', generation: 3 }],
      images: ['app: shop/checkout@sha256:aa'],
      setupDeletion: { status: 'Failed', reason: 'JobFailed', message: 'exit code 1' },
    },
  };
}

const FULL_TEXT = `apiVersion: fieldtrial.dev/v1alpha1
kind: Trial
metadata:
  name: checkout-sizing-008
spec:
  experiment: checkout-sizing
  number: 8
  assignments:
    - name: cpu
      value: 1500
    - name: gc
      value: zgc
  source:
    type: queue
    path: experiments/checkout-sizing/suggestions/try.yaml
    blob: 0beec7b5
  baseline: false
  definition:
    commit: 62cdb7020ff920e5aa642c3d4066950dd1f01f4d
    digest: 0123456789abcdef
  slot: shop-1
  runner:
    version: 0.1.0
    run: 20260101-0001
  uid: 5f0c7f3e
status:
  phase: Failed
  failure:
    stage: run
    reason: OOMKilled
    message: 'container load was killed: out of memory'
    infrastructure: false
    evidence:
      containers:
        - pod: load-x
          container: load
          exitCode: 137
          reason: OOMKilled
          message: killed
          log: |
            one
            two: 2
      events:
        - 'BackOff: restarting'
      refused: 'no'
      metric:
        name: p95
        query: up
        raw: '{}'
  startTime: '2026-01-01T00:00:10.000Z'
  completionTime: '2026-01-01T00:01:10.000Z'
  values:
    - name: p95
      value: 0.231
      error: 0.01
      type: prometheus
      query: up
      raw: '{}'
      time: '2026-01-01T00:01:10.000Z'
  conditions:
    - type: Failed
      status: 'True'
      reason: OOMKilled
      message: ''
      lastTransitionTime: '2026-01-01T00:01:10.000Z'
  stages:
    - stage: run
      startedAt: '2026-01-01T00:00:10.000Z'
      finishedAt: '2026-01-01T00:01:10.000Z'
  patches:
    - target: Deployment checkout
      type: strategic
      effect: changed
      generation: 3
  images:
    - 'app: shop/checkout@sha256:aa'
  setupDeletion:
    status: Failed
    reason: JobFailed
    message: exit code 1
`;
