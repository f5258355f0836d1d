import type { Finding } from './locate.ts';
import {
  constraintIsOrderOrSum,
  constraintParametersAreNumeric,
  orderComparesTwoParameters,
  sumTermsAreDistinct,
} from './rules/constraints.ts';
import { namespaceSelectorSelects, oneTrialTemplate } from './rules/experiment.ts';
import {
  boundsAreOrdered,
  logsRegexpHasOneGroup,
  metricUrlIsHttp,
  metricTargetFits,
  prometheusHasUrl,
  targetIsNoSecret,
} from './rules/metrics.ts';
import {
  constraintNamesAreUnique,
  environmentNamesAreUnique,
  experimentNameIsShortDnsLabel,
  metricNamesAreUnique,
  parameterNamesAreUnique,
  setupTaskNamesFit,
} from './rules/names.ts';
import {
  baselineIsAllOrNone,
  baselineIsInSpace,
  baselineSatisfiesConstraints,
  integersAreWhole,
  logScaleIsPositive,
  maxIsNotBelowMin,
  rangeOrValues,
  stepFitsRange,
  valuesAreDistinct,
} from './rules/parameters.ts';
import {
  namespaceTemplateHasNoOneSlot,
  namespaceTemplateHasOneName,
  namespaceTemplateIsSelected,
  namespaceTemplateKeepsLabels,
  namespaceTemplateMakesNames,
} from './rules/namespace-template.ts';
import { patchHasTarget, patchTargetHasName, patchTargetNameFits } from './rules/patches.ts';
import { remoteHasNoSteps, remoteLabelsAreDnsLabels } from './rules/remote.ts';
import type { Rule, RuleInput } from './rules/rule.ts';
import { namespaceSelectorIsWellFormed } from './rules/selectors.ts';
import { TEMPLATE_RULES, unknownParameterRefs } from './rules/trial-template.ts';

/** What the schema cannot say: rules over several fields, in the order of the fields. */
export const RULES: readonly Rule[] = [
  experimentNameIsShortDnsLabel,
  parameterNamesAreUnique,
  environmentNamesAreUnique,
  rangeOrValues,
  maxIsNotBelowMin,
  integersAreWhole,
  stepFitsRange,
  logScaleIsPositive,
  valuesAreDistinct,
  baselineIsInSpace,
  baselineIsAllOrNone,
  constraintNamesAreUnique,
  constraintIsOrderOrSum,
  constraintParametersAreNumeric,
  orderComparesTwoParameters,
  sumTermsAreDistinct,
  baselineSatisfiesConstraints,
  metricNamesAreUnique,
  boundsAreOrdered,
  targetIsNoSecret,
  metricTargetFits,
  prometheusHasUrl,
  metricUrlIsHttp,
  logsRegexpHasOneGroup,
  patchHasTarget,
  patchTargetHasName,
  patchTargetNameFits,
  namespaceSelectorSelects,
  namespaceSelectorIsWellFormed,
  namespaceTemplateHasOneName,
  namespaceTemplateMakesNames,
  namespaceTemplateKeepsLabels,
  namespaceTemplateIsSelected,
  namespaceTemplateHasNoOneSlot,
  oneTrialTemplate,
  remoteHasNoSteps,
  remoteLabelsAreDnsLabels,
  setupTaskNamesFit,
  inlineTemplateRules,
];

/** Everything that an experiment breaks of the rules. */
export function checkRules(input: RuleInput): Finding[] {
  return RULES.flatMap((rule) => rule(input));
}

function inlineTemplateRules({ experiment: { spec }, parameterNames }: RuleInput): Finding[] {
  const template = spec.trialTemplate;
  if (template === undefined) return [];
  const findings = [...TEMPLATE_RULES.flatMap((rule) => rule(template)), ...unknownParameterRefs(template, parameterNames)];
  return findings.map(({ path, message }) => ({ path: ['spec', 'trialTemplate', ...path], message }));
}
