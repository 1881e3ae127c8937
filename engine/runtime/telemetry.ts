/**
 * Official onnxruntime builds report sessions, models' hashes and a device id to Microsoft from 1.29 on, unless this
 * variable is set when the first session is created. It must be set on the main thread: a worker's `process.env` is a
 * copy that native code does not see.
 */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
