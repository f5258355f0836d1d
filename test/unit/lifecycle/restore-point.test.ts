import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { formatFieldPath } from '../../../runner/lifecycle/changed-fields.ts';
import { mergePatchBetween, pointBefore, putBack, withPoint, type RestorePoint } from '../../../runner/lifecycle/restore-point.ts';

const POINT = { until: 'run', target: { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' } } as const;

function config(data: Record<string, unknown>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data };
}

/** The point after patches that made one of these of another, as the journal gives it back. */
function after(...states: Record<string, unknown>[]): RestorePoint {
  const [first = {}, ...others] = states;
  let before = config(first);
  let point: RestorePoint = { ...POINT, fields: [] };
  for (const next of others) {
    point = pointBefore({ before, after: config(next) }, point);
    before = config(next);
  }
  return JSON.parse(JSON.stringify(point)) as RestorePoint;
}

function restoredTo(point: RestorePoint, data: Record<string, unknown>): { data: unknown; left: string[] } {
  const { object, left } = putBack(config(data), point.fields);
  return { data: object['data'], left: left.map(formatFieldPath) };
}

describe('a restore point', () => {
  it('knows exactly the fields that a patch changed', () => {
    const { fields } = after({ pool: '5', host: 'db' }, { pool: '9', host: 'db' });

    assert.deepEqual(
      fields.map(({ path, before }) => [formatFieldPath(path), before]),
      [['data.pool', '5']],
    );
  });

  it('puts back what was changed, added and removed', () => {
    const point = after({ a: '1', gone: 'x' }, { a: '2', added: { deep: true } });

    assert.deepEqual(restoredTo(point, { a: '2', added: { deep: true }, other: 'stays' }), {
      data: { a: '1', gone: 'x', other: 'stays' },
      left: [],
    });
  });

  it('keeps what was there before the first of several patches', () => {
    const point = after({ a: '1' }, { a: '2', b: '1' }, { a: '3', b: '1' }, { a: '4' });

    assert.deepEqual(restoredTo(point, { a: '4' }), { data: { a: '1' }, left: [] });
  });

  it('is the same when a patch is begun twice, sent or not', () => {
    const once = after({ a: '1' }, { a: '2' });

    const sent = pointBefore({ before: config({ a: '2' }), after: config({ a: '2' }) }, once);
    const unsent = pointBefore({ before: config({ a: '1' }), after: config({ a: '2' }) }, once);

    assert.deepEqual(
      [sent, unsent].map(({ fields }) => fields),
      [once.fields, once.fields],
    );
  });

  it('knows the value of the patch before as ours, as the last one may not have been sent', () => {
    const point = after({ a: '1' }, { a: '2' }, { a: '3' });

    assert.deepEqual(restoredTo(point, { a: '2' }), { data: { a: '1' }, left: [] });
  });

  it('puts back what the patch before took away, as the last one, which gives something there again, may not have been sent', () => {
    const [a, b] = [{ name: 'A', value: '1' }, { name: 'B' }];
    const other = after({ env: [a, b] }, { env: [b] }, { env: [{ ...a, value: '2' }, b] });
    const same = after({ env: [a, b] }, { env: [b] }, { env: [a, b] });

    assert.deepEqual(restoredTo(other, { env: [b] }), { data: { env: [a, b] }, left: [] });
    assert.deepEqual(restoredTo(same, { env: [b] }), { data: { env: [a, b] }, left: [] });
  });

  it('takes what somebody else wrote between two patches for what is to be put back', () => {
    const first = after({ a: '1' }, { a: '2' });

    const point = pointBefore({ before: config({ a: '7' }), after: config({ a: '3' }) }, first);

    assert.deepEqual(restoredTo(point, { a: '3' }), { data: { a: '7' }, left: [] });
  });

  it('leaves what somebody else has changed since, and what is already as it was', () => {
    const point = after({ a: '1', b: '1' }, { a: '2', b: '2' });

    assert.deepEqual(restoredTo(point, { a: '7', b: '1' }), { data: { a: '7', b: '1' }, left: ['data.a'] });
  });

  it('gives items of a list their places again, whichever of several patches took them', () => {
    const env = (...names: string[]) => ({ env: names.map((name) => ({ name })) });
    const point = after(env('A', 'B', 'C', 'D'), env('B', 'C', 'D'), env('B', 'D', 'X'));

    assert.deepEqual(restoredTo(point, env('B', 'D', 'X')).data, env('A', 'B', 'C', 'D'));
    assert.deepEqual(restoredTo(point, env('new', 'B', 'D')).data, env('A', 'new', 'B', 'C', 'D'));
  });

  it('keeps no value of ours', () => {
    assert.doesNotMatch(JSON.stringify(after({ a: '1' }, { a: 'secret' })), /secret/);
  });

  it('is none when nothing was changed', () => {
    assert.deepEqual(withPoint([], after({ a: '1' }, { a: '1' })), []);
  });

  it('takes the place of the one that was known for its object', () => {
    const [first, second] = [after({ a: '1' }, { a: '2' }), after({ b: '1' }, { b: '2' })];
    const other = { ...first, until: 'trial' } as const;

    assert.deepEqual(withPoint([first, other], second), [other, second]);
  });
});

describe('the merge patch between two states', () => {
  it('has what differs, null for what goes, and lists as a whole', () => {
    const before = { kind: 'A', spec: { a: 1, b: { c: 2 }, list: [1, 2], same: {} } };
    const next = { kind: 'A', spec: { a: 1, b: { d: 3 }, list: [1], same: before.spec.same } };

    assert.deepEqual(mergePatchBetween(before, next), { spec: { b: { c: null, d: 3 }, list: [1] } });
  });
});
