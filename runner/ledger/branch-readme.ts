/** The README of a results branch that the runner creates, for whoever finds the branch before the documentation. */
export function branchReadme(branch: string): string {
  return `# Results of trials

Fieldtrial writes this branch; please do not edit it by hand, nor delete it.

- \`experiments/<experiment>/trials/<number>.yaml\` is the record of one trial: what was tried, what came out, and the evidence for it.
- Each trial is one commit: \`git log --oneline ${branch} -- experiments/<experiment>\` is the history of an experiment.
- The experiments themselves are reviewed on the repository's main branch.
`;
}
