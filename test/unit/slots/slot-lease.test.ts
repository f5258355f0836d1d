import assert from 'node:assert/strict';
import { experimentLease, slotLease } from '../../../runner/slots/slot-lease.ts';

describe('the Leases of a run', () => {
  it("are told apart also for an experiment that is called slot, in a namespace that is both the runner's and a slot", () => {
    assert.notEqual(experimentLease('slot', 'default').name, slotLease('default').name);
  });
});
