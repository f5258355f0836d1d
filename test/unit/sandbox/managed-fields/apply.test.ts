import assert from 'node:assert/strict';

import { applyConfiguration } from '../../../../sandbox/managed-fields/apply.ts';
import { SERVED_KINDS } from '../../../../sandbox/served-kinds.ts';
import { StatusError, type NewObject, type StoredObject } from '../../../../sandbox/store.ts';

const CONFIG_MAP = SERVED_KINDS.find(({ kind }) => kind === 'ConfigMap')!;
const POD = SERVED_KINDS.find(({ kind }) => kind === 'Pod')!;

function apply(kind: typeof POD, current: NewObject | undefined, object: NewObject, manager: string, force = false): any {
  const options = { manager, subresource: undefined, force, time: new Date(0), onUnknownFields: undefined };
  return applyConfiguration(kind, current as StoredObject | undefined, { metadata: { name: 'x' }, ...object }, options);
}

describe('applyConfiguration', () => {
  it('removes what its manager no longer applies', () => {
    const first = apply(CONFIG_MAP, undefined, { data: { a: '1', b: '2' } }, 'one');

    const second = apply(CONFIG_MAP, first, { data: { a: '1' } }, 'one');

    assert.deepEqual(second.data, { a: '1' });
  });

  it('keeps what somebody else applies too', () => {
    const first = apply(CONFIG_MAP, undefined, { data: { a: '1', b: '2' } }, 'one');
    const shared = apply(CONFIG_MAP, first, { data: { b: '2' } }, 'two');

    const last = apply(CONFIG_MAP, shared, { data: { a: '1' } }, 'one');

    assert.deepEqual(last.data, { a: '1', b: '2' });
  });

  it('refuses to change what another manager owns, and says what', () => {
    const first = apply(CONFIG_MAP, undefined, { data: { a: '1' } }, 'one');

    assert.throws(
      () => apply(CONFIG_MAP, first, { data: { a: '2' } }, 'two'),
      (error) =>
        error instanceof StatusError &&
        error.code === 409 &&
        error.message === 'Apply failed with 1 conflict: conflict with "one": .data.a',
    );
  });

  it('takes over what it is forced to', () => {
    const first = apply(CONFIG_MAP, undefined, { data: { a: '1' } }, 'one');

    const taken = apply(CONFIG_MAP, first, { data: { a: '2' } }, 'two', true);

    assert.deepEqual(taken.data, { a: '2' });
    assert.deepEqual(
      taken.metadata.managedFields.map(({ manager }: { manager: string }) => manager),
      ['two'],
    );
  });

  it('merges lists by their keys, and removes items as a whole', () => {
    const containers = [
      { name: 'a', image: 'a:1' },
      { name: 'b', image: 'b:1' },
    ];
    const first = apply(POD, undefined, { spec: { containers } }, 'one');
    // Something that the server adds is nobody's.
    first.spec.containers[1].imagePullPolicy = 'Always';

    const second = apply(POD, first, { spec: { containers: [{ name: 'a', image: 'a:2' }] } }, 'one');

    assert.deepEqual(second.spec.containers, [{ name: 'a', image: 'a:2' }]);
  });

  it('keeps the time of an entry that does not change', () => {
    const first = apply(CONFIG_MAP, undefined, { data: { a: '1' } }, 'one');
    const options = { manager: 'one', subresource: undefined, force: false, time: new Date(60_000), onUnknownFields: undefined };

    const again: any = applyConfiguration(CONFIG_MAP, first, { metadata: { name: 'x' }, data: { a: '2' } }, options);

    assert.equal(again.metadata.managedFields[0].time, '1970-01-01T00:00:00Z');
  });
});
