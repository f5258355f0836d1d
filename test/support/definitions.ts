import type { Files } from './git-repository.ts';

/** The path of an experiment's file. */
export const experimentFile = (name: string): string => `experiments/${name}/experiment.yaml`;

/** A small valid experiment: one parameter with a baseline, one patch, one metric, a source. `edit` changes its text. */
export function experimentText(name = 'sizing', edit: (text: string) => string = (text) => text): string {
  return edit(`apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: ${name}}
spec:
  suggest: {source: grid, budget: 5}
  parameters:
    - {name: cpu, min: 1, max: 4, baseline: 2}
  metrics:
    - {name: cost, minimize: true, query: "{{values.cpu}}"}
  patches:
    - targetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
      patch: |
        spec: {replicas: {{values.cpu}} }
  trialTemplate:
    spec:
      approximateRuntime: 1s
`);
}

/** A repository of that one experiment. */
export function aRepository(edit?: (text: string) => string): Files {
  return { [experimentFile('sizing')]: experimentText('sizing', edit) };
}
