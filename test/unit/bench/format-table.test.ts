import assert from 'node:assert/strict';
import type { Figure } from '../../../bench/figures.ts';
import { formatTable, isMet } from '../../../bench/format-table.ts';

const FIGURE: Figure = { name: 'requests per trial', unit: '', digits: 1, runner: 7.04 };

describe('the table of figures', () => {
  it('shows a figure beside the floor, the ancestor and the goal', () => {
    const table = formatTable([{ ...FIGURE, floor: 2, ancestor: '21', goal: { most: 12 } }]);

    assert.deepEqual(
      table
        .trimEnd()
        .split('\n')
        .map((row) =>
          row
            .split('|')
            .map((cell) => cell.trim())
            .filter((cell) => cell !== ''),
        ),
      [
        ['figure', 'Fieldtrial', 'floor', 'ancestor', 'goal'],
        ['---', '--:', '--:', '--:', '--:', '---'],
        ['requests per trial', '7.0', '2.0', '21', '≤ 12', 'met'],
      ],
    );
  });

  it('counts a goal as met when the number that it shows is', () => {
    assert.equal(isMet({ ...FIGURE, runner: 12.04, goal: { most: 12 } }), true);
    assert.equal(isMet({ ...FIGURE, runner: 12.06, goal: { most: 12 } }), false);
    assert.equal(isMet({ ...FIGURE, runner: 94.9, goal: { least: 95 } }), false);
  });

  it('says nothing of a goal where there is none', () => {
    assert.equal(isMet(FIGURE), undefined);
  });

  it('does not count what was not measured as met', () => {
    assert.equal(isMet({ ...FIGURE, runner: NaN, goal: { most: 12 } }), false);
  });
});
