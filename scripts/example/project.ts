import { join } from 'node:path';

/** This project's own folder: its experiments, templates and charts are a repository of experiments. */
export const PROJECT = join(import.meta.dirname, '..', '..');

/** `fieldtrial`, for node. */
export const PROGRAM = join(PROJECT, 'bin', 'fieldtrial.js');
