/** A text on one line, whatever is in it. */
export const quoted = (text: string): string =>
  // JSON leaves these as they are, and editors break lines at them.
  JSON.stringify(text).replace(
    /[\u2028\u2029\u0085]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** An address without blanks: clients and files may have any. */
export const unbroken = (uri: string): string => uri.replaceAll(/\s/gu, encodeURIComponent);

/** The parts of a line that are there, with two spaces between them. */
export const line = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('  ');

/** A name and its value; nothing where there is none. */
export function field<T>(
  name: string,
  value: T | undefined,
  show: (value: T) => string = String,
): string | undefined {
  return value === undefined ? undefined : `${name} ${show(value)}`;
}

export const milliseconds = (value: number): string => `${value.toFixed(1)}ms`;

export const grouped = (value: number): string => value.toLocaleString('en-US');
