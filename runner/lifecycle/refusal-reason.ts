import type { ClusterError } from '../cluster/errors.ts';

/** What a Status of the API server gives as its reason, short enough for a label's value (k8s.io/apimachinery, apis/meta/v1/types.go). */
const WORD = /^[A-Z][A-Za-z0-9]{0,62}$/;

/** The reasons of k8s.io/apimachinery/pkg/api/errors for the codes that refuse a request. */
const BY_STATUS = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [404, 'NotFound'],
  [409, 'Conflict'],
  [413, 'RequestEntityTooLarge'],
  [422, 'Invalid'],
]);

/**
 * The reason of a trial that a refused request failed: the API server's own, one CamelCase word. Admission webhooks may give a sentence
 * instead, which the message has anyway: then the HTTP code's, `Forbidden` where it has none.
 */
export function refusalReason({ reason, status }: ClusterError): string {
  return WORD.test(reason) ? reason : (BY_STATUS.get(status) ?? 'Forbidden');
}
