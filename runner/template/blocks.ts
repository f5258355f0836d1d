type BlockRules = {
  options: readonly string[];
  /** Most block parameters (`as |item index|`). */
  blockParams: number;
  /** The block is there to name something: it takes exactly its block parameters, and has no else. */
  binds?: true;
};

/** The only blocks there are, Handlebars' own and `let`: the options they take and how many block parameters. */
export const BLOCKS: ReadonlyMap<string, BlockRules> = new Map<string, BlockRules>([
  ['if', { options: ['includeZero'], blockParams: 0 }],
  ['unless', { options: ['includeZero'], blockParams: 0 }],
  ['each', { options: [], blockParams: 2 }],
  ['with', { options: [], blockParams: 1 }],
  ['let', { options: [], blockParams: 1, binds: true }],
]);
