import assert from 'node:assert/strict';

import { startGarbageCollector } from '../../../../sandbox/controllers/garbage-collector.ts';
import { createStore } from '../../../../sandbox/create-store.ts';
import type { Propagation, Store, StoredObject } from '../../../../sandbox/store.ts';
import { turnedClock } from '../../../../sandbox/turned-clock.ts';

describe('the garbage collector', () => {
  it('removes what it owned after an owner', async () => {
    const { store, create, remove, names, settle } = aStore();
    const owner = create('owner');
    create('dependent', [owner]);
    create('bystander');

    remove('owner', 'Background');
    await settle();

    assert.deepEqual(names(), ['bystander']);
    assert.ok(store);
  });

  it('removes dependents of dependents', async () => {
    const { create, remove, names, settle } = aStore();
    const owner = create('owner');
    const dependent = create('dependent', [owner]);
    create('of-dependent', [dependent]);

    remove('owner', 'Background');
    await settle();

    assert.deepEqual(names(), []);
  });

  it('keeps what another owner is left of', async () => {
    const { create, remove, get, settle } = aStore();
    const [one, other] = [create('one'), create('other')];
    create('dependent', [one, other]);

    remove('one', 'Background');
    await settle();

    assert.deepEqual(
      get('dependent')?.metadata.ownerReferences?.map(({ name }) => name),
      ['other'],
    );
  });

  it('keeps an owner that is deleted in the foreground until its dependents are gone', async () => {
    const { create, remove, release, names, settle } = aStore();
    const owner = create('owner');
    create('dependent', [owner], ['fieldtrial.dev/test']);

    remove('owner', 'Foreground');
    await settle();
    const before = names();
    release('dependent');
    await settle();

    assert.deepEqual(before, ['dependent', 'owner']);
    assert.deepEqual(names(), []);
  });

  it('leaves dependents without an owner when they are orphaned', async () => {
    const { create, remove, get, names, settle } = aStore();
    const owner = create('owner');
    create('dependent', [owner]);

    remove('owner', 'Orphan');
    await settle();

    assert.deepEqual(names(), ['dependent']);
    assert.equal(get('dependent')?.metadata.ownerReferences, undefined);
  });

  it('removes what comes too late for its owner, also when a namesake has taken its place', async () => {
    const { create, remove, names, settle } = aStore();
    const owner = create('owner');
    remove('owner', 'Background');
    create('owner');

    create('dependent', [owner]);
    await settle();

    assert.deepEqual(names(), ['owner']);
  });
});

function aStore() {
  const clock = turnedClock();
  const store: Store = createStore({ clock });
  const kind = store.kind('v1', 'ConfigMap');
  startGarbageCollector(store);
  const reference = ({ apiVersion, kind, metadata: { name, uid } }: StoredObject) => ({
    apiVersion,
    kind,
    name,
    uid,
    blockOwnerDeletion: true,
  });
  return {
    store,
    settle: () => clock.advance(0),
    create: (name: string, owners: readonly StoredObject[] = [], finalizers: string[] = []) =>
      store.create(kind, 'default', { metadata: { name, finalizers, ownerReferences: owners.map(reference) } }),
    remove: (name: string, propagation: Propagation) => store.remove(kind, 'default', name, { propagation }),
    release: (name: string) =>
      store.mutate(kind, 'default', name, (object) => ({ ...object, metadata: { ...object.metadata, finalizers: [] } })),
    get: (name: string) => store.get(kind, 'default', name),
    names: () => store.list(kind, 'default').map(({ metadata }) => metadata.name),
  };
}
