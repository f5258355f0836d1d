import assert from 'node:assert/strict';
import type { PreflightReport, PreflightSlot } from '../../../runner/progress/events.ts';
import { preflightLine, preflightTable } from '../../../runner/progress/preflight-table.ts';

const untried = 'the namespace does not exist yet';

function reportOf(...slots: PreflightSlot[]): PreflightReport {
  return { branch: 'fieldtrial/results', server: 'v1.36.3', clockSeconds: 0, slots };
}

describe('what a preflight says of namespaces that a run makes', () => {
  const report = reportOf(
    { slot: 'shop-1', missing: [], trials: [] },
    { slot: 'shop-2', missing: [], create: { experiment: 'sizing' }, untried, trials: [] },
    { slot: 'shop-3', missing: [], create: { experiment: 'sizing', refused: 'no more than two' }, untried, trials: [] },
  );

  it('is a row each: made by a run, or why not', () => {
    const rows = preflightTable(report).filter((line) => line.startsWith('namespace '));

    assert.deepEqual(
      rows.map((row) => row.split(/ {2,}/).slice(1)),
      [
        ['shop-2', 'does not exist; a run creates it from the namespaceTemplate of sizing'],
        ['shop-3', 'cannot be made from the namespaceTemplate of sizing: no more than two'],
      ],
    );
  });

  it('is the names of those that will be made, in one line', () => {
    assert.match(preflightLine(report), /, 2 of 3 slots ready, to be created: shop-2$/);
  });
});
