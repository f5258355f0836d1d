import { ownField } from '../../../kubernetes/patches/own-fields.ts';

/**
 * Puts the values of variables where text says `$(NAME)`; what is not known stays as it is, and `$$(NAME)` is `$(NAME)` itself
 * (k8s.io/kubernetes/third_party/forked/golang/expansion).
 */
export function expandReferences(text: string, variables: Record<string, string>): string {
  return text.replaceAll(/\$(?:\$|\(([^()]*)\))/g, (found, name: string | undefined) => {
    if (name === undefined) return '$';
    return ownField(variables, name) ?? found;
  });
}
