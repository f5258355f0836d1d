import assert from 'node:assert/strict';

import { createFaults } from '../../../sandbox/faults.ts';

const REQUEST = { verb: 'get', resource: 'pods', namespace: 'shop', name: 'web' };

describe('createFaults', () => {
  it('meets the next request that matches, once', () => {
    const faults = createFaults();
    faults.add({ verb: 'get', resource: 'pods', effect: 'freeze' });

    const met = [faults.take({ ...REQUEST, resource: 'jobs' }), faults.take(REQUEST), faults.take(REQUEST)];

    assert.deepEqual(
      met.map((fault) => fault?.effect),
      [undefined, 'freeze', undefined],
    );
  });

  it('meets as many requests as it is told to, and can be taken back', () => {
    const faults = createFaults();
    const takeBack = faults.add({ effect: 'close', times: Infinity });

    const met = [faults.take(REQUEST), faults.take(REQUEST)];
    takeBack();

    assert.deepEqual(
      [...met, faults.take(REQUEST)].map((fault) => fault?.effect),
      ['close', 'close', undefined],
    );
  });

  it('strikes the streams that match', () => {
    const faults = createFaults();
    const struck: string[] = [];
    for (const resource of ['pods', 'jobs']) {
      const cut = () => struck.push(resource);
      faults.opened({ verb: 'watch', resource, cut, end: assert.fail, freeze: assert.fail });
    }

    const count = faults.strike('cut', { resource: 'jobs' });

    assert.equal(count, 1);
    assert.deepEqual(struck, ['jobs']);
  });
});
