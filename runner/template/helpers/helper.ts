/** A function that templates may call. */
export type Helper = {
  /** How many arguments: exactly, or from the first number to the second. */
  takes: number | readonly [fewest: number, most: number];
  /** Gets as many values as it takes, plain data, and the scope that the template is rendered with. Throws TemplateError. */
  run: (values: any[], root: object) => unknown;
};

/** Helpers of one concern by the names that templates use. */
export type HelperGroup = Readonly<Record<string, Helper>>;
