/** The syntax tree of a Go template (pkg.go.dev/text/template), as far as it can be translated. Lines are 1-based. */
export type GoNode =
  | { type: 'text'; text: string }
  | { type: 'comment'; text: string; tag: Tag }
  | { type: 'action'; pipeline: Pipeline; tag: Tag }
  | { type: 'block'; keyword: BlockKeyword; branches: Branch[]; close: Tag };

export type BlockKeyword = 'if' | 'with' | 'range';

/** The first branch is the block's own; the last may have no pipeline: `{{else}}`. */
export type Branch = { keyword?: BlockKeyword; pipeline?: Pipeline; tag: Tag; body: GoNode[] };

/** The delimiters of one action: `{{- … -}}` trims the text on that side. */
export type Tag = { line: number; trimLeft: boolean; trimRight: boolean };

export type Pipeline = {
  line: number;
  /** `$x :=`, or `$index, $item :=` of a range. */
  declares: string[];
  /** `$x =`: a variable that gets another value. */
  assigns?: string;
  commands: Command[];
};

/** An operand, or a function with its arguments; what a pipe brings comes last. */
export type Command = [Operand, ...Operand[]];

/** `path` are the field names behind it: `.Values.cpu` is the dot with `Values`, `cpu`. */
export type Operand = { line: number; path: string[] } & (
  | { type: 'dot' }
  | { type: 'variable'; name: string }
  | { type: 'function'; name: string }
  | { type: 'pipeline'; pipeline: Pipeline }
  | { type: 'literal'; value: string | number | boolean | null }
);
