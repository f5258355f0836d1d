import { renderText } from './render-text.ts';
import { renderValue } from './render-value.ts';
import { TemplateError, TemplateErrors, type TreeProblem } from './template-error.ts';

type Path = (string | number)[];
type Rendering = { scope: object; isString: (path: Path) => boolean; problems: TreeProblem[] };

/**
 * Renders every string of a JSON tree, and map keys that hold `{{`. Where `isString` says so the result is text; elsewhere a string
 * that is one expression keeps its value's type. Paths are those of the given tree. Throws TemplateErrors with every problem found.
 */
export function renderTree(tree: unknown, scope: object, isString: (path: Path) => boolean): unknown {
  const rendering: Rendering = { scope, isString, problems: [] };
  const rendered = renderNode(tree, [], rendering);
  if (rendering.problems.length > 0) throw new TemplateErrors(rendering.problems);
  return rendered;
}

function renderNode(node: unknown, path: Path, rendering: Rendering): unknown {
  if (typeof node === 'string') return renderString(node, path, rendering);
  if (Array.isArray(node)) return node.map((item, index) => renderNode(item, [...path, index], rendering));
  // Dates, which YAML may hold, are data without strings.
  if (typeof node !== 'object' || node === null || node instanceof Date) return node;
  return renderMap(node, path, rendering);
}

function renderString(source: string, path: Path, { scope, isString, problems }: Rendering): unknown {
  return collect(path, problems, () => (isString(path) ? renderText(source, scope) : renderValue(source, scope)));
}

function renderMap(map: object, path: Path, rendering: Rendering): object {
  const rendered = new Map<string | undefined, unknown>();
  for (const [source, value] of Object.entries(map)) {
    const at = [...path, source];
    const key = collect(at, rendering.problems, () => renderText(source, rendering.scope));
    if (key !== undefined && rendered.has(key)) {
      rendering.problems.push({ path: at, message: `renders to the key "${key}", which is there already` });
    }
    rendered.set(key, renderNode(value, at, rendering));
  }
  return Object.fromEntries(rendered);
}

/** The rendering's result; undefined when it failed, which the problems then tell. */
function collect<Result>(path: Path, problems: TreeProblem[], render: () => Result): Result | undefined {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems.push({ path, ...(error.line !== undefined && { line: error.line }), message: error.message });
    return undefined;
  }
}
