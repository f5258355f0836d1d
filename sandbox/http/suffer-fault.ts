import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultEffect } from '../faults.ts';
import { StatusError } from '../store.ts';

/**
 * What a fault does before the request is carried out, which it is only if this says `alive`. Throws the StatusError of a refusal; where
 * the connection is to be cut afterwards, nothing that is written to the response leaves.
 */
export async function sufferFault(fault: FaultEffect | undefined, response: ServerResponse): Promise<'lost' | 'alive'> {
  switch (fault?.effect) {
    case undefined:
      return 'alive';
    case 'refuse': {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      throw new StatusError(fault.code, fault.reason, fault.message ?? `the sandbox was told to answer ${fault.code}`, {});
    }
    case 'delay':
      await sleep(fault.milliseconds);
      return response.destroyed ? 'lost' : 'alive';
    case 'freeze':
      return 'lost';
    case 'close':
      response.setHeader('connection', 'close');
      return 'alive';
    case 'cut':
      if (fault.when === 'before') {
        response.destroy();
        return 'lost';
      }
      response.write = () => true;
      response.end = () => response.destroy();
      return 'alive';
  }
}
