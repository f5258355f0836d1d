/** A metric without a number: never recorded as zero. The message says why, and leaves out the metric's name. */
export class MetricUnavailable extends Error {
  override readonly name = 'MetricUnavailable';
  readonly metric: string;
  /** As it was asked: rendered, except for the type `kubernetes`, whose rendered query is its answer. */
  readonly query: string;
  /** What came instead of a number, cut at 2 KiB. */
  readonly raw: string | undefined;
  /** True when the other side did not answer, so that the metric may be there another time. */
  readonly transient: boolean;

  constructor(
    metric: string,
    query: string,
    why: string,
    { raw, transient = false, cause }: { raw?: string | undefined; transient?: boolean; cause?: unknown } = {},
  ) {
    super(why, cause === undefined ? undefined : { cause });
    this.metric = metric;
    this.query = query;
    this.raw = raw;
    this.transient = transient;
  }
}
