import { MAX_EXPERIMENT_NAME, environmentName, isDnsLabel } from '../../model/names.ts';
import { duplicateNames, finding, type Rule } from './rule.ts';

/** What setup tasks and trial Jobs are told besides the assignments (R§7.2, R§10). */
const OWN_VARIABLES = ['NAMESPACE', 'NAME', 'TRIAL', 'MODE', 'FAILURE_REASON', 'PUSHGATEWAY_URL'];

const MAX_NAME = 63;

/** Trials, their Jobs and their record files are called after the experiment. */
export const experimentNameIsShortDnsLabel: Rule = ({ experiment: { metadata } }) => {
  const { name } = metadata;
  const path = ['metadata', 'name'];
  if (!isDnsLabel(name)) return [finding(path, `"${name}" is not a DNS label: lower-case letters, digits and inner hyphens`)];
  if (name.length <= MAX_EXPERIMENT_NAME) return [];
  return [finding(path, `"${name}" has ${name.length} characters; at most ${MAX_EXPERIMENT_NAME} leave room for the names of its trials`)];
};

export const parameterNamesAreUnique: Rule = ({ experiment: { spec } }) => duplicateNames(spec.parameters, ['spec', 'parameters']);

export const metricNamesAreUnique: Rule = ({ experiment: { spec } }) => duplicateNames(spec.metrics, ['spec', 'metrics']);

export const constraintNamesAreUnique: Rule = ({ experiment: { spec } }) => duplicateNames(spec.constraints ?? [], ['spec', 'constraints']);

/** Containers get each assignment as a variable; two parameters must not meet in one, nor hide the setup's own. */
export const environmentNamesAreUnique: Rule = ({ experiment: { spec } }) =>
  spec.parameters.flatMap(({ name }, index) => {
    const variable = environmentName(name);
    const path = ['spec', 'parameters', index, 'name'];
    if (OWN_VARIABLES.includes(variable))
      return [finding(path, `"${name}" becomes the environment variable ${variable}, which setup tasks need for themselves`)];
    const other = spec.parameters.slice(0, index).find((each) => each.name !== name && environmentName(each.name) === variable);
    return other === undefined
      ? []
      : [finding(path, `"${name}" and "${other.name}" both become the environment variable ${variable}; rename one`)];
  });

/** Kubernetes allows 63 characters for `<experiment>-NNN-create-<task>`. */
export const setupTaskNamesFit: Rule = ({ experiment: { metadata, spec } }) =>
  (spec.trialTemplate?.spec?.setupTasks ?? []).flatMap(({ name }, index) => {
    const excess = `${metadata.name}-000-create-${name}`.length - MAX_NAME;
    if (excess <= 0) return [];
    const path = ['spec', 'trialTemplate', 'spec', 'setupTasks', index, 'name'];
    return [
      finding(
        path,
        `"${metadata.name}-NNN-create-${name}" is longer than ${MAX_NAME} characters; shorten the task's or the experiment's name by ${excess}`,
      ),
    ];
  });
