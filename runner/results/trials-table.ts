import type { TrialRecord } from '../model/record.ts';
import { trialDuration } from '../plan/expected-duration.ts';
import { formatDuration } from '../progress/format-duration.ts';
import { formatNumber } from '../progress/format-number.ts';
import { textTable } from '../progress/text-table.ts';

/**
 * One line per trial by number, for `fieldtrial status EXPERIMENT`; trials of an earlier definition are marked and not
 * counted.
 */
export function trialsTable(records: readonly TrialRecord[], digest: string): string[] {
  const rows = records
    .toSorted((a, b) => a.spec.number - b.spec.number)
    .map((record) => {
      const { spec, status } = record;
      const duration = trialDuration(record);
      return [
        String(spec.number),
        status.phase,
        status.failure?.reason ?? '-',
        spec.assignments.map(({ name, value }) => `${name}=${value}`).join(' '),
        status.values.map(({ name, value }) => `${name}=${formatNumber(value)}`).join(' ') || '-',
        duration === undefined ? '-' : formatDuration(duration),
        spec.slot,
        remarks(record, digest),
      ];
    });
  return textTable(['NUMBER', 'PHASE', 'REASON', 'ASSIGNMENTS', 'VALUES', 'DURATION', 'SLOT', 'REMARKS'], rows);
}

function remarks({ spec, status }: TrialRecord, digest: string): string {
  const all = [
    spec.baseline && 'baseline',
    status.failure?.infrastructure === true && 'infrastructure',
    spec.source.type === 'retry' && `retry of ${spec.source.of}`,
    spec.definition.digest !== digest && 'earlier definition',
  ];
  return all.filter((remark) => remark !== false).join(', ') || '-';
}
