import { invalid, required, type FieldError } from '../field-error.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_RULE = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_RULE = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const QUALIFIED_RULE = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;
const LABEL_VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const LABEL_VALUE_RULE = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const CONFIG_KEY_RULE = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${CONFIG_KEY}')`;

/** How the name of an object of a kind has to look. */
export type NameRule = 'subdomain' | 'label' | 'path';

/** What is wrong with a name; the texts are those of k8s.io/apimachinery/pkg/util/validation/validation.go. */
export function nameErrors(name: string, rule: NameRule, field: string): FieldError[] {
  switch (rule) {
    case 'label':
      return pattern(name, LABEL, LABEL_RULE, 63, field);
    case 'subdomain':
      return pattern(name, SUBDOMAIN, SUBDOMAIN_RULE, 253, field);
    case 'path':
      return /^\.{1,2}$|[/%]/.test(name) ? [invalid(field, name, `may not be '.' or '..', nor contain '/' or '%'`)] : [];
  }
}

/** A DNS label that has to be there. */
export function labelErrors(name: string | undefined, field: string): FieldError[] {
  return name === undefined || name === '' ? [required(field)] : nameErrors(name, 'label', field);
}

/** Of labels and selectors: keys are qualified names, values short ones. */
export function labelMapErrors(labels: Record<string, string> = {}, field: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key, field),
    ...pattern(value, LABEL_VALUE, LABEL_VALUE_RULE, 63, field),
  ]);
}

export function qualifiedNameErrors(name: string, field: string): FieldError[] {
  const [prefix, part] = name.includes('/') ? [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)] : [undefined, name];
  const problems = [
    ...(prefix === undefined ? [] : problemsOf(prefix, SUBDOMAIN, `prefix part ${SUBDOMAIN_RULE}`, 253)),
    ...(part === '' ? ['name part must be non-empty'] : []),
    ...problemsOf(part, QUALIFIED, QUALIFIED_RULE, 63),
  ];
  return problems.map((problem) => invalid(field, name, problem));
}

/** Of the data of ConfigMaps and Secrets. */
export function configKeyErrors(data: Record<string, unknown> = {}, field: string): FieldError[] {
  return Object.keys(data).flatMap((key) => pattern(key, CONFIG_KEY, CONFIG_KEY_RULE, 253, `${field}[${key}]`));
}

function pattern(value: string, expression: string, rule: string, longest: number, field: string): FieldError[] {
  return problemsOf(value, expression, rule, longest).map((problem) => invalid(field, value, problem));
}

function problemsOf(value: string, expression: string, rule: string, longest: number): string[] {
  return [
    ...(value.length > longest ? [`must be no more than ${longest} characters`] : []),
    ...(new RegExp(`^(?:${expression})$`).test(value) ? [] : [rule]),
  ];
}
