import assert from 'node:assert/strict';
import { collect, count, dropUnset, duration, flag, labels, repeated } from '../../../runner/cli/options.ts';

describe('flags', () => {
  it('have an environment twin', () => {
    assert.equal(flag('--max-trials <number>', '').envVar, 'FIELDTRIAL_MAX_TRIALS');
    assert.equal(flag('-n, --namespace <name>', '').envVar, 'FIELDTRIAL_NAMESPACE');
  });

  it('are not given by a twin that is empty or false', () => {
    const environment = { FIELDTRIAL_SLOTS: '', FIELDTRIAL_DRY_RUN: 'false', FIELDTRIAL_MAX_TRIALS: '0', PATH: '' };

    dropUnset(environment);

    assert.deepEqual(environment, { FIELDTRIAL_MAX_TRIALS: '0', PATH: '' });
  });
});

describe('a duration', () => {
  for (const [text, milliseconds] of [
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['45', 45_000],
  ] as const) {
    it(`is read from ${text}`, () => {
      assert.equal(duration(text), milliseconds);
    });
  }

  for (const text of ['soon', '-5s', '']) {
    it(`is not "${text}"`, () => {
      assert.throws(() => duration(text), { message: 'expected a duration such as 90s, 30m or 8h.' });
    });
  }
});

describe('a count', () => {
  it('is a whole number', () => {
    assert.equal(count('12'), 12);
    assert.equal(count('0'), 0);
  });

  for (const text of ['-1', '1.5', 'many', '']) {
    it(`is not "${text}"`, () => {
      assert.throws(() => count(text), { message: 'expected a whole number of at least 0.' });
    });
  }
});

describe('a list', () => {
  it('may be written with commas, with blanks around them, and in several flags', () => {
    assert.deepEqual(collect('c', collect(' a , b,, ', undefined)), ['a', 'b', 'c']);
  });

  it('is not split where a value may hold commas', () => {
    assert.deepEqual(repeated('gc=a,b', repeated('cpu=1', undefined)), ['cpu=1', 'gc=a,b']);
  });
});

describe('labels', () => {
  it('are pairs with commas between them, whose values may be empty', () => {
    assert.deepEqual(labels('team=shop, a.example/b=,c=d=e'), { team: 'shop', 'a.example/b': '', c: 'd=e' });
  });

  it('are not words without a value', () => {
    assert.throws(() => labels('team'), /expected labels such as/);
  });
});
