/**
 * Helpers of the engine itself; no template can call them, because only names of `helpers` are calls.
 * `read BASE PREFIX PART…` follows a path, `print VALUE NAME` writes text, `keep VALUE` hands the value out, `iterate VALUE` checks,
 * `set VARIABLE VALUE` gives a variable of `let` another value.
 */
export type InternalHelper = '#read' | '#print' | '#keep' | '#iterate' | '#set';

export function callNode(name: InternalHelper, params: hbs.AST.Expression[], loc: hbs.AST.SourceLocation): hbs.AST.SubExpression {
  // Handlebars leaves `hash` out where there is none; its types do not say so.
  return { type: 'SubExpression', path: helperPath(name, loc), params, loc } as hbs.AST.SubExpression;
}

export function helperPath(name: InternalHelper, loc: hbs.AST.SourceLocation): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc };
}

export function textNode(value: string, loc: hbs.AST.SourceLocation): hbs.AST.StringLiteral {
  return { type: 'StringLiteral', value, original: value, loc };
}

export function isPath(node: hbs.AST.Expression): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}

/** A single name without `this.`, `./`, `../` or `@`: what may be a helper. */
export function isSimple(path: hbs.AST.PathExpression): boolean {
  return path.parts.length === 1 && isUnscoped(path);
}

export function isUnscoped({ data, depth, original }: hbs.AST.PathExpression): boolean {
  return !data && depth === 0 && !/^(?:\.|this(?:[./]|$))/.test(original);
}
