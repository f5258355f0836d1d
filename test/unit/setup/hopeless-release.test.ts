import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { untilHopeless } from '../../../runner/setup/hopeless-release.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const START = '2026-01-01T10:00:00.000Z';
const ENDED = new Error('helm has ended');

function aWorkload(kind: string, { release = 'db', conditions = [] as object[] } = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: {
      name: 'web',
      namespace: 'shop-1',
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': release },
    },
    spec: { selector: { matchLabels: { app: 'web' } } },
    status: { conditions },
  };
}

function aPod(reason: string, message: string): KubeObject {
  const status = {
    phase: 'Pending',
    containerStatuses: [{ name: 'app', ready: false, restartCount: 9, state: { waiting: { reason, message } } }],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop-1', labels: { app: 'web' } }, status };
}

const refused = (since: string) => ({
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message: 'exceeded quota: slot',
  lastTransitionTime: since,
});

/** How a minute of looking ends. */
function look(...objects: KubeObject[]): Promise<unknown> {
  return lookAt(fakeCluster(objects));
}

async function lookAt(cluster: FakeCluster): Promise<unknown> {
  const clock = manualClock(START);
  const minute = new AbortController();
  void clock.sleep(60_000, minute.signal).then(() => minute.abort(ENDED));
  const looking = untilHopeless({ release: 'db', namespace: 'shop-1' }, { cluster, clock }, minute.signal);
  return whileTimePasses(looking, clock).catch((error: unknown) => error);
}

describe('a release that helm waits for', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) {
    it(`is hopeless when the image of a ${kind} cannot be pulled`, async () => {
      const end: any = await look(aWorkload(kind), aPod('ImagePullBackOff', 'no such image'));

      assert.deepEqual(
        [end.reason, end.message],
        ['ImagePullFailed', `${kind} web: pod web-1: container app: ImagePullBackOff: no such image`],
      );
    });
  }

  it('is hopeless when a quota refuses its pods for more than a moment', async () => {
    const end: any = await look(aWorkload('Deployment', { conditions: [refused(START)] }));

    assert.deepEqual([end.reason, end.message], ['FailedCreate', 'Deployment web: exceeded quota: slot']);
  });

  for (const [what, objects] of [
    ['crashes, as programs do that wait for another', [aWorkload('Deployment'), aPod('CrashLoopBackOff', 'back-off')]],
    ['waits for a Secret that a hook may create', [aWorkload('Deployment'), aPod('CreateContainerConfigError', 'secret not found')]],
    ['is refused pods that another has only just given up', [aWorkload('Deployment', { conditions: [refused('2026-01-01T10:00:55Z')] })]],
    ['is another', [aWorkload('Deployment', { release: 'cache' }), aPod('ImagePullBackOff', 'no such image')]],
  ] as const) {
    it(`is left to helm when it ${what}`, async () => {
      assert.equal(await look(...objects), ENDED);
    });
  }

  it('is left to helm where pods may not be looked at', async () => {
    const cluster = fakeCluster([aWorkload('Deployment')]);
    cluster.refuse('list Pod', new ClusterError(403, 'Forbidden', 'pods is forbidden'));

    assert.equal(await lookAt(cluster), ENDED);
  });
});
