/** The path of a URI as people write it, with `/` between its parts and none before them; the cell of a notebook has the notebook's. */
export function pathOf(uri: string): string {
  const path = uri
    .replace(/^[a-z][a-z0-9+.-]*:/i, '')
    .replace(/^\/\/[^/]*/, '')
    .replace(/[?#].*$/s, '');
  return decoded(path).replaceAll('\\', '/').replace(/^\/+/, '');
}

/** E.g. `file`; empty where there is none. */
export const schemeOf = (uri: string): string =>
  /^[a-z][a-z0-9+.-]*(?=:)/i.exec(uri)?.[0].toLowerCase() ?? '';

/** The same for all cells of a notebook. */
export const withoutFragment = (uri: string): string => uri.replace(/#.*$/s, '');

export const nameOf = (uri: string): string => pathOf(uri).split('/').at(-1) ?? '';

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
