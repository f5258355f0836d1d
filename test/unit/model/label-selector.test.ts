import assert from 'node:assert/strict';
import { formatLabelSelector, matchesLabels } from '../../../runner/model/label-selector.ts';

describe('a label selector', () => {
  it("is written as the API's parameter", () => {
    const text = formatLabelSelector({
      matchLabels: { app: 'shop' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['web', 'api'] },
        { key: 'env', operator: 'NotIn', values: ['prod'] },
        { key: 'team', operator: 'Exists' },
        { key: 'canary', operator: 'DoesNotExist' },
      ],
    });

    assert.equal(text, 'app=shop,tier in (web,api),env notin (prod),team,!canary');
  });

  it('is empty when it selects everything', () => {
    assert.equal(formatLabelSelector({}), '');
  });

  const labels = { app: 'shop', tier: 'web' };
  const cases: [what: string, selector: Parameters<typeof matchesLabels>[0], expected: boolean][] = [
    ['everything when it is empty', {}, true],
    ['equal labels', { matchLabels: { app: 'shop' } }, true],
    ['no other value', { matchLabels: { app: 'bank' } }, false],
    ['no absent key', { matchLabels: { team: 'a' } }, false],
    ['one of several values', { matchExpressions: [{ key: 'tier', operator: 'In', values: ['api', 'web'] }] }, true],
    ['an absent key by NotIn', { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] }, true],
    ['no listed value by NotIn', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] }, false],
    ['a present key by Exists', { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
    ['no present key by DoesNotExist', { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
    ['nothing inherited', { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
    ['all requirements together', { matchLabels: { app: 'shop' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
  ];
  for (const [what, selector, expected] of cases) {
    it(`matches ${what}`, () => {
      assert.equal(matchesLabels(selector, labels), expected);
    });
  }
});
