/**
 * A `{{set}}` alone on its line goes with its line, as blocks and comments do. Only what is printed changes: Handlebars tells by the
 * original text whether a block beside it has a line of its own.
 */
export function removeSetLines(body: readonly hbs.AST.Statement[]): hbs.AST.Statement[] {
  const lines = [...body.keys()].filter((index) => isAlone(body, index));
  return body.map((statement, index) => {
    if (!isContent(statement)) return statement;
    const withoutEnd = lines.includes(index + 1) ? statement.value.replace(/[ \t]+$/, '') : statement.value;
    const value = lines.includes(index - 1) ? withoutEnd.replace(/^[ \t]*\r?\n?/, '') : withoutEnd;
    return { ...statement, value };
  });
}

function isAlone(body: readonly hbs.AST.Statement[], index: number): boolean {
  const [before, set, after] = [body[index - 1], body[index], body[index + 1]];
  return isSet(set) && isContent(before) && /\n[ \t]*$/.test(before.original) && isContent(after) && /^[ \t]*\r?\n/.test(after.original);
}

function isSet(statement: hbs.AST.Statement | undefined): boolean {
  if (statement?.type !== 'MustacheStatement') return false;
  const { path, strip } = statement as hbs.AST.MustacheStatement;
  return (path as hbs.AST.PathExpression).original === '#set' && !strip.open && !strip.close;
}

/** Handlebars' types take the original text for something else. */
type Content = hbs.AST.Statement & { value: string; original: string };

function isContent(statement: hbs.AST.Statement | undefined): statement is Content {
  return statement?.type === 'ContentStatement';
}
