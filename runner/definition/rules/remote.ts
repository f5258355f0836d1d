import { isDnsLabel } from '../../model/names.ts';
import { finding, type Rule } from './rule.ts';

/** Labels by which the API files experiments (R§4). */
const FILED_BY = /^(?:[^/]+\/)?(?:application|scenario|objective)$/;

/** The API would hand out values between the steps, and every trial would be refused. */
export const remoteHasNoSteps: Rule = ({ experiment: { spec } }) => {
  if (spec.suggest?.source !== 'remote') return [];
  return spec.parameters.flatMap(({ type = 'integer', step }, index) =>
    step === undefined || (type === 'integer' && step === 1)
      ? []
      : [
          finding(
            ['spec', 'parameters', index, 'step'],
            'the Experiments API of suggest.source remote has no steps; scale the value in the patch',
          ),
        ],
  );
};

export const remoteLabelsAreDnsLabels: Rule = ({ experiment: { metadata, spec } }) => {
  if (spec.suggest?.source !== 'remote') return [];
  return Object.entries(metadata.labels ?? {}).flatMap(([key, value]) =>
    !FILED_BY.test(key) || isDnsLabel(value)
      ? []
      : [
          finding(
            ['metadata', 'labels', key],
            `"${value}" is not a DNS label, and the remote API files experiments by it: lower-case letters, digits, inner hyphens`,
          ),
        ],
  );
};
