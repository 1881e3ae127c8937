export interface Clock {
  /** Milliseconds since the request arrived. */
  elapsed(): number;
}
