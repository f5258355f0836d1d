import { formatPath, type Locate, type Path } from '../definition/locate.ts';
import { InvalidInput, type Problem } from '../model/errors.ts';
import { TemplateError, TemplateErrors, type TreeProblem } from '../template/template-error.ts';

/** Runs a rendering and turns its template errors into problems of the file and field they stand in. */
export function located<Result>(at: Locate, prefix: Path, render: () => Result): Result {
  try {
    return render();
  } catch (error) {
    if (error instanceof TemplateErrors)
      throw new InvalidInput(
        error.errors.map((each) => treeProblem(each, at, prefix)),
        { cause: error },
      );
    if (!(error instanceof TemplateError)) throw error;
    const place = at([]);
    throw new InvalidInput([{ ...place, line: error.line ?? place.line, path: formatPath(prefix), message: error.message }], {
      cause: error,
    });
  }
}

function treeProblem({ path, message }: TreeProblem, at: Locate, prefix: Path): Problem {
  return { ...at(path), path: formatPath([...prefix, ...path]), message };
}
