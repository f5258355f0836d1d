import assert from 'node:assert/strict';

import { jobStringField, stringField } from '../../../runner/template/string-fields.ts';

const POD = 'spec.template.spec';

describe('jobStringField', () => {
  for (const path of [
    'apiVersion',
    'metadata.name',
    'metadata.labels.app',
    'metadata.annotations.example.dev/x',
    'spec.completionMode',
    'spec.selector.matchLabels.a',
    'spec.template.metadata.annotations.a',
    `${POD}.serviceAccountName`,
    `${POD}.nodeSelector.disk`,
    `${POD}.containers.0.image`,
    `${POD}.containers.0.command.0`,
    `${POD}.containers.1.args.2`,
    `${POD}.containers.0.env.0.value`,
    `${POD}.initContainers.0.env.0.valueFrom.secretKeyRef.key`,
    `${POD}.containers.0.resources.limits.cpu`,
    `${POD}.containers.0.resources.requests.memory`,
    `${POD}.containers.0.livenessProbe.httpGet.path`,
    `${POD}.volumes.0.configMap.items.0.path`,
    `${POD}.volumes.0.emptyDir.sizeLimit`,
    `${POD}.volumes.0.ephemeral.volumeClaimTemplate.spec.resources.requests.storage`,
    `${POD}.tolerations.0.key`,
    `${POD}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.values.0`,
  ]) {
    it(`says yes to ${path}`, () => {
      assert.equal(jobStringField(split(path)), true);
    });
  }

  for (const path of [
    '',
    'metadata',
    'metadata.labels',
    'spec.backoffLimit',
    'spec.suspend',
    'spec.unknown',
    'spec.template.spec.containers',
    `${POD}.containers.image`,
    `${POD}.containers.0`,
    `${POD}.containers.0.args`,
    `${POD}.containers.0.ports.0.containerPort`,
    `${POD}.containers.0.livenessProbe.httpGet.port`,
    `${POD}.containers.0.livenessProbe.periodSeconds`,
    `${POD}.containers.0.securityContext.runAsUser`,
    `${POD}.securityContext.supplementalGroups.0`,
    `${POD}.volumes.0.configMap.defaultMode`,
    `${POD}.tolerations.0.tolerationSeconds`,
    `${POD}.containers.0.constructor`,
  ]) {
    it(`says no to ${path || 'the Job itself'}`, () => {
      assert.equal(jobStringField(split(path)), false);
    });
  }
});

describe('stringField', () => {
  it('begins at any type of the Kubernetes API', () => {
    assert.equal(stringField('Volume', ['configMap', 'name']), true);
    assert.equal(stringField('Volume', ['configMap', 'defaultMode']), false);
  });
});

/** Numbers are list positions. */
function split(path: string): (string | number)[] {
  const segments = path === '' ? [] : path.split(/\.(?!dev)/);
  return segments.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
}
