import assert from 'node:assert/strict';

import { tableOf } from '../../../../sandbox/tables/table.ts';
import { fromYaml } from '../../../support/from-yaml.ts';
import type { StoredObject } from '../../../../sandbox/store.ts';

const NOW = new Date('2026-01-01T00:05:00Z');

function cells(yaml: string): unknown[] {
  const object = fromYaml(yaml) as unknown as StoredObject;
  const [group, kind] = [object.apiVersion.includes('/') ? object.apiVersion.split('/')[0]! : '', object.kind];
  const options = { now: NOW, resourceVersion: '1', include: 'None', headers: true } as const;
  const { columnDefinitions, rows } = tableOf({ group, kind }, [object], options);
  const narrow = columnDefinitions!.map(({ priority }) => priority === 0);
  return rows[0]!.cells.filter((_, index) => narrow[index]);
}

const METADATA = `{name: x, creationTimestamp: '2026-01-01T00:00:00Z'}`;

describe('tableOf', () => {
  const examples: [string, string, unknown[]][] = [
    [
      'a pod that runs',
      `
      apiVersion: v1
      kind: Pod
      metadata: ${METADATA}
      spec: {containers: [{name: a}, {name: b}]}
      status: {phase: Running, containerStatuses: [{ready: true, restartCount: 2, state: {running: {}}}, {ready: false, restartCount: 1}]}
      `,
      ['x', '1/2', 'Running', '3', '5m'],
    ],
    [
      'a pod that cannot get its image',
      `
      apiVersion: v1
      kind: Pod
      metadata: ${METADATA}
      spec: {containers: [{name: a}]}
      status: {phase: Pending, containerStatuses: [{ready: false, state: {waiting: {reason: ImagePullBackOff}}}]}
      `,
      ['x', '0/1', 'ImagePullBackOff', '0', '5m'],
    ],
    [
      'a pod whose container failed',
      `
      apiVersion: v1
      kind: Pod
      metadata: ${METADATA}
      spec: {containers: [{name: a}]}
      status: {phase: Failed, containerStatuses: [{ready: false, state: {terminated: {exitCode: 3}}}]}
      `,
      ['x', '0/1', 'ExitCode:3', '0', '5m'],
    ],
    [
      'a pod that is initialized',
      `
      apiVersion: v1
      kind: Pod
      metadata: ${METADATA}
      spec: {containers: [{name: a}]}
      status: {phase: Pending, initContainerStatuses: [{state: {terminated: {exitCode: 0}}}, {state: {running: {}}}]}
      `,
      ['x', '0/1', 'Init:1/2', '0', '5m'],
    ],
    [
      'a Job that is complete',
      `
      apiVersion: batch/v1
      kind: Job
      metadata: ${METADATA}
      spec: {completions: 1, template: {spec: {containers: []}}, selector: {}}
      status:
        succeeded: 1
        startTime: '2026-01-01T00:00:00Z'
        completionTime: '2026-01-01T00:00:07Z'
        conditions: [{type: Complete, status: 'True'}]
      `,
      ['x', 'Complete', '1/1', '7s', '5m'],
    ],
    [
      'a Deployment',
      `
      apiVersion: apps/v1
      kind: Deployment
      metadata: ${METADATA}
      spec: {replicas: 2, template: {spec: {containers: []}}, selector: {}}
      status: {readyReplicas: 1, updatedReplicas: 2}
      `,
      ['x', '1/2', 2, 0, '5m'],
    ],
    ['a kind of which nothing is known', `{apiVersion: example.com/v1, kind: Gadget, metadata: ${METADATA}}`, ['x', '5m']],
  ];
  for (const [name, yaml, expected] of examples) {
    it(`shows ${name}`, () => {
      assert.deepEqual(cells(yaml), expected);
    });
  }
});
