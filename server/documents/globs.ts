import picomatch from 'picomatch';
import { offWords } from '../protocol';
import { pathOf } from './uris';

/** Globs that are switched on or off, as in the editor's `files.exclude`. */
export type Globs = Readonly<Record<string, boolean>>;

export interface GlobMatcher {
  /**
   * The glob that names a document; undefined where none does.
   * @param folders paths of the workspace: globs are also relative to each of them
   */
  match(uri: string, folders?: readonly string[]): string | undefined;
}

// Case does not matter: what is meant by `*.PEM` is clear on every system.
const options: picomatch.PicomatchOptions = { dot: true, nocase: true };

/** A glob without a slash means the file's name; one of slashes alone means no file. */
function fitsOf(glob: string): (path: string) => boolean {
  const path = glob.replace(/^\.?\/+/, '');
  if (path === '') return () => false;
  return picomatch(glob.includes('/') ? path : `**/${path}`, options);
}

const words: ReadonlySet<string> = new Set(offWords);

const matchers = new WeakMap<Globs, GlobMatcher>();

/** The matcher of a value of the settings, which does not change: it is made once. */
export function matcherOf(globs: Globs): GlobMatcher {
  const known = matchers.get(globs);
  if (known !== undefined) return known;
  const tests = Object.entries(globs)
    // Words and schemes are no globs, however much they look like names.
    .filter(([glob, on]) => on && !words.has(glob) && !glob.endsWith(':'))
    .map(([glob]) => ({ glob, fits: fitsOf(glob) }));
  const matcher: GlobMatcher = {
    match(uri, folders = []) {
      const path = pathOf(uri);
      const relative = folders.flatMap((folder) => {
        const root = `${folder.replaceAll('\\', '/').replace(/^\/+|\/+$/g, '')}/`;
        return path.toLowerCase().startsWith(root.toLowerCase()) ? [path.slice(root.length)] : [];
      });
      return tests.find(({ fits }) => [path, ...relative].some((each) => fits(each)))?.glob;
    },
  };
  matchers.set(globs, matcher);
  return matcher;
}
