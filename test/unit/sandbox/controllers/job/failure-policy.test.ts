import assert from 'node:assert/strict';

import { countsAsFailure, failJobMessage } from '../../../../../sandbox/controllers/job/failure-policy.ts';
import { fromYaml } from '../../../../support/from-yaml.ts';

const job = (rules: string): any => fromYaml(`spec: {podFailurePolicy: {rules: ${rules}}}`);
const pod = (status: string): any => fromYaml(`{metadata: {namespace: shop, name: load-1}, status: ${status}}`);
const exited = (exitCode: number) => pod(`{containerStatuses: [{name: main, state: {terminated: {exitCode: ${exitCode}}}}]}`);

describe('a podFailurePolicy', () => {
  it('counts every failure when there is none', () => {
    assert.equal(countsAsFailure(fromYaml('spec: {}') as any, exited(1)), true);
  });

  it('fails the Job by an exit code that is named', () => {
    const policy = job('[{action: FailJob, onExitCodes: {operator: In, values: [42]}}]');

    const messages = [41, 42].map((exitCode) => failJobMessage(policy, [exited(exitCode)]));

    assert.deepEqual(messages, [undefined, 'Container main for pod shop/load-1 failed with exit code 42 matching FailJob rule at index 0']);
  });

  it('fails the Job by an exit code that is not among the harmless ones', () => {
    const policy = job('[{action: FailJob, onExitCodes: {operator: NotIn, values: [1]}}]');

    const messages = [0, 1, 2].map((exitCode) => failJobMessage(policy, [exited(exitCode)]));

    assert.deepEqual(messages.map(Boolean), [false, false, true]);
  });

  it('looks at the named container alone', () => {
    const policy = job('[{action: FailJob, onExitCodes: {containerName: other, operator: In, values: [42]}}]');

    assert.equal(failJobMessage(policy, [exited(42)]), undefined);
  });

  it('obeys the first rule that matches', () => {
    const disrupted = pod('{conditions: [{type: DisruptionTarget, status: "True"}]}');
    const policy = job(
      '[{action: Ignore, onPodConditions: [{type: DisruptionTarget, status: "True"}]}, {action: FailJob, onExitCodes: {operator: In, values: [42]}}]',
    );

    assert.equal(countsAsFailure(policy, disrupted), false);
    assert.equal(failJobMessage(policy, [disrupted]), undefined);
    assert.match(failJobMessage(policy, [exited(42)]) ?? '', /rule at index 1$/);
  });
});
