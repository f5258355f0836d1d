import { z } from 'zod';
import { API_VERSION } from '../model/names.ts';
import { dnsLabel, fields, nonEmptyText, rendered } from './fields.ts';
import { timeoutsSchema } from './trial-template-schema.ts';

/** What git accepts as a branch and no command line mistakes for an option (git-check-ref-format). */
const BRANCH = /^(?![-/.])(?!.*(\.\.|\/\/|\/\.|@\{|\.lock(\/|$)))[^\s~^:?*[\\\p{Cc}]*[^\s~^:?*[\\\p{Cc}/.]$/u;

/** `fieldtrial.yaml` as people write it. */
export const settingsSchema = fields({
  apiVersion: z.literal(API_VERSION).optional().describe('For editors; not needed'),
  kind: z.literal('Settings').optional().describe('For editors; not needed'),
  resultsBranch: z
    .string()
    .regex(BRANCH, { error: ({ input }) => `${JSON.stringify(input)} is not a branch name` })
    .optional()
    .describe('Branch of the records; `same` puts them beside the definitions. Default: fieldtrial/results'),
  author: fields({
    name: nonEmptyText.optional().describe('Default: fieldtrial'),
    email: nonEmptyText.optional().describe('Default: fieldtrial@localhost'),
  })
    .optional()
    .describe('Author of the commits'),
  slots: z.array(dnsLabel).optional().describe('Namespaces that experiments without a selector use. Default: none'),
  timeouts: timeoutsSchema(rendered).optional().describe('Timeouts of experiments that set no others'),
});
