/** The part of JSON Schema that the chart's values use. */
export type ValuesSchema = {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, ValuesSchema>;
  items?: ValuesSchema;
};

/** A section has values of its own below it; anything else is one value with a default. */
export function sectionOf(schema: ValuesSchema): Record<string, ValuesSchema> | undefined {
  return schema.default === undefined ? schema.properties : undefined;
}

/** The values that somebody can set; `global` belongs to Helm. */
export function settable(properties: Record<string, ValuesSchema>): [name: string, schema: ValuesSchema][] {
  return Object.entries(properties).filter(([name]) => name !== 'global');
}
