import type { Answer } from '../ask-json.ts';

/** Classes of errors that NerdGraph answers with status 200 and that pass (docs.newrelic.com/docs/apis/nerdgraph/get-started/nerdgraph-explorer). */
const PASSING = new Set(['TIMEOUT', 'SERVER_ERROR', 'TOO_MANY_REQUESTS', 'SERVICE_UNAVAILABLE']);

/** GraphQL tells errors inside a success: the results of the NRQL query, or why there are none. */
export function readNerdGraph(answer: Answer): Answer {
  if (answer.status !== 'Success') return answer;
  const { data: document, raw } = answer;
  const results: unknown = document?.data?.actor?.account?.nrql?.results;
  if (Array.isArray(results)) return { status: 'Success', data: results, raw };
  const [error] = Array.isArray(document?.errors) ? document.errors : [];
  if (error === undefined) return { status: 'Refused', message: 'the answer has no results; is this NerdGraph?', raw };
  const message = `New Relic refused: ${String(error.message ?? 'without a reason')}`;
  const kind = String(error.extensions?.errorClass ?? error.extensions?.code ?? '');
  return PASSING.has(kind) ? { status: 'Unavailable', message } : { status: 'Refused', message, raw };
}
