import type { ContainerEvidence, Evidence } from '../model/errors.ts';
import type { TrialRecord } from '../model/record.ts';
import { formatRecord } from './record-text.ts';

/** A record's file and its place in the journal stay below this. */
export const MAX_RECORD_BYTES = 64 * 1024;

/**
 * The record with its evidence cut until its file is at most `maxBytes` long; the same record when it is short enough. Each cut leaves
 * `… (cut, N bytes)`: logs keep their end, everything else its beginning. What a trial is (assignments, values, times) is never cut.
 */
export function boundRecord(record: TrialRecord, maxBytes: number = MAX_RECORD_BYTES): TrialRecord {
  if (Buffer.byteLength(JSON.stringify(record)) * YAML_PER_JSON <= maxBytes) return record;
  let bounded = record;
  for (const limit of LIMITS) {
    if (Buffer.byteLength(formatRecord(bounded)) <= maxBytes) return bounded;
    bounded = cutRecord(record, limit);
  }
  return bounded;
}

/** A file is at most this many times as long as the record's JSON, where a line break of a log has two bytes and no indentation of 12. */
const YAML_PER_JSON = 8;

/** Bytes that each piece of evidence may keep, tried one after the other, so that only long ones are cut at first. */
const LIMITS = [16_384, 8_192, 4_096, 2_048, 1_024, 512, 256, 128, 64, 16];

function cutRecord({ status, ...record }: TrialRecord, limit: number): TrialRecord {
  const { failure, values, conditions, setupDeletion } = status;
  return {
    ...record,
    status: {
      ...status,
      ...(failure && {
        failure: {
          ...failure,
          message: cutEnd(failure.message, limit),
          ...(failure.evidence && { evidence: cutEvidence(failure.evidence, limit) }),
        },
      }),
      values: values.map((value) => ({ ...value, query: cutEnd(value.query, limit), raw: cutEnd(value.raw, limit) })),
      conditions: conditions.map((condition) => ({ ...condition, message: cutEnd(condition.message, limit) })),
      ...(setupDeletion?.status === 'Failed' && { setupDeletion: { ...setupDeletion, message: cutEnd(setupDeletion.message, limit) } }),
    },
  };
}

function cutEvidence({ containers, events, refused, metric, ...evidence }: Evidence, limit: number): Evidence {
  return {
    ...evidence,
    ...(containers && { containers: cutList(containers, limit / 16).map((container) => cutContainer(container, limit)) }),
    ...(events && { events: cutList(events, limit / 16).map((event) => cutEnd(event, limit)) }),
    ...(refused !== undefined && { refused: cutEnd(refused, limit) }),
    ...(metric && {
      metric: {
        ...metric,
        query: cutEnd(metric.query, limit),
        ...(metric.raw !== undefined && { raw: cutEnd(metric.raw, limit) }),
      },
    }),
  };
}

function cutContainer({ message, log, ...container }: ContainerEvidence, limit: number): ContainerEvidence {
  return {
    ...container,
    ...(message !== undefined && { message: cutEnd(message, limit) }),
    ...(log !== undefined && { log: cutBeginning(log, limit) }),
  };
}

/** The last entries: events and containers are listed in the order in which they happened. */
function cutList<T>(entries: readonly T[], most: number): T[] {
  return entries.slice(-Math.max(1, most));
}

function cutEnd(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const kept = bytes.subarray(0, characterStart(bytes, limit));
  return `${kept.toString()}${marker(bytes.length - kept.length)}`;
}

function cutBeginning(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const kept = bytes.subarray(characterStart(bytes, bytes.length - limit));
  return `${marker(bytes.length - kept.length)}\n${kept.toString()}`;
}

function marker(bytes: number): string {
  return `… (cut, ${bytes} bytes)`;
}

/** The first index at or before `index` where a UTF-8 character begins; continuation bytes are 10xxxxxx (RFC 3629). */
function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}
