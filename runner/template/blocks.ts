type BlockRules = { options: readonly string[]; blockParams: number };

/** Handlebars' own blocks, the only ones there are: the options they take and how many block parameters. */
export const BLOCKS: ReadonlyMap<string, BlockRules> = new Map([
  ['if', { options: ['includeZero'], blockParams: 0 }],
  ['unless', { options: ['includeZero'], blockParams: 0 }],
  ['each', { options: [], blockParams: 2 }],
  ['with', { options: [], blockParams: 1 }],
]);
