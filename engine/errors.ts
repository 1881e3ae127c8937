/** What went wrong, as a stable name that tests, the log and the status item can switch on. */
export type ErrorCode =
  | 'model-missing'
  | 'model-unreadable'
  | 'model-corrupt'
  | 'model-mismatch'
  | 'model-unsupported'
  | 'cache-unwritable'
  | 'device-unavailable'
  | 'device-lost'
  | 'worker-crashed'
  | 'host-gone'
  | 'start-cancelled'
  | 'request-invalid'
  | 'calibration-impossible'
  | 'hub-misconfigured'
  | 'hub-offline'
  | 'hub-unreachable'
  | 'hub-refused'
  | 'hub-answer'
  | 'download-busy'
  | 'download-corrupt'
  | 'disk-full';

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
