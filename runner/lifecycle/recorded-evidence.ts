import type { Evidence } from '../model/errors.ts';

/** The evidence that says something; undefined when there is none, so that a record has no empty keys. */
export function formatRecordedEvidence(evidence: Evidence): Evidence | undefined {
  const said = Object.entries(evidence).filter(([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0));
  return said.length === 0 ? undefined : (Object.fromEntries(said) as Evidence);
}
