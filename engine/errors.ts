/** What went wrong, as a stable name that tests, the log and the status item can switch on. */
export type ErrorCode =
  | 'model-missing'
  | 'model-unreadable'
  | 'model-corrupt'
  | 'model-mismatch'
  | 'model-unsupported'
  | 'cache-unwritable'
  | 'device-unavailable'
  | 'worker-crashed'
  | 'start-cancelled'
  | 'request-invalid'
  | 'calibration-impossible';

/**
 * A failure that a person can act on. The message is one sentence that says what failed, why,
 * and what to do; it is shown as it is in the status item, the log and on the CLI's stderr.
 */
export class SlipstreamError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SlipstreamError';
  }
}
