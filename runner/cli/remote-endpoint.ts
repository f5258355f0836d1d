/** Of the Experiments API, below the server's URL (R§22). */
export const DEFAULT_ENDPOINT = 'v1/experiments/';
