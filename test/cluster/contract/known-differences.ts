/** Where the sandbox answers otherwise than Kubernetes on purpose: exchange and number of the step, and why. */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  'other workloads 4': 'a DaemonSet has no annotation deprecated.daemonset.template.generation',
  'kinds that are only stored 1': 'nothing protects claims that are in use, so they have no finalizer kubernetes.io/pvc-protection',
  'fields of Jobs that the sandbox leaves out 1': 'backoffLimitPerIndex and maxFailedIndexes of a Job are refused',
  'fields of Jobs that the sandbox leaves out 2': 'a successPolicy of a Job is refused',
  'a custom resource 11': 'a CustomResourceDefinition and its objects are gone at once, without a finalizer',
};
