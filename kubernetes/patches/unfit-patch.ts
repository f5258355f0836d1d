/** A patch that cannot be carried out. */
export class UnfitPatch extends Error {
  override readonly name = 'UnfitPatch';
  /** `malformed`: no patch at all; `inapplicable`: not to this object; `unforeseen`: the API server fails at it with a 500. */
  readonly problem: 'malformed' | 'inapplicable' | 'unforeseen';

  constructor(problem: UnfitPatch['problem'], message: string) {
    super(message);
    this.problem = problem;
  }
}
