import { isDnsSubdomain } from './dns-subdomain.ts';

/**
 * Why no object of an API group can have this name, as the end of a sentence; undefined for one that may be. Names are DNS subdomains;
 * roles and their bindings have any that fits into a URL
 * (IsValidPathSegmentName of k8s.io/apimachinery/pkg/api/validation/path).
 */
export function objectNameProblem(apiVersion: string, name: string): string | undefined {
  if (apiVersion.startsWith('rbac.authorization.k8s.io/'))
    return name === '.' || name === '..' || /[/%]/.test(name)
      ? 'cannot be the name of an object: "/", "%", "." and ".." are not taken'
      : undefined;
  return isDnsSubdomain(name)
    ? undefined
    : 'cannot be the name of an object: lower-case letters, digits, inner hyphens and dots, at most 253';
}
