import { forbidden } from '../registry/field-error.ts';
import { badRequest } from '../status-errors.ts';
import { booleanOption, integerOption } from './query-options.ts';
import { badOption } from './write-options.ts';

export type ListOptions = {
  /** Seconds that a watch may last. */
  timeoutSeconds: number | undefined;
  allowWatchBookmarks: boolean;
  sendInitialEvents: boolean | undefined;
};

/**
 * What the query of a list, a watch or the deletion of a collection says, beside selectors and versions. Throws StatusError 400 for what
 * cannot be parsed, also for `limit` and `continue`, which have no effect here, and 422 for what does not go together.
 */
export function listOptions(query: URLSearchParams, verb: 'list' | 'watch' | 'deletecollection'): ListOptions {
  integerOption(query, 'limit');
  const options = {
    timeoutSeconds: integerOption(query, 'timeoutSeconds'),
    allowWatchBookmarks: booleanOption(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: booleanOption(query, 'sendInitialEvents'),
  };
  if (verb !== 'watch') {
    if (options.sendInitialEvents !== undefined) {
      throw badOption('ListOptions', forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
    }
    // No list of the sandbox goes on elsewhere, so that none of its answers has such a token.
    if (query.get('continue')) throw badRequest('invalid continue token: the sandbox gives none');
  } else if (options.sendInitialEvents !== undefined && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    const detail = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw badOption('ListOptions', forbidden('resourceVersionMatch', detail));
  }
  return options;
}
