import { nameOf } from './uris';

/** Names that tools give to what they write, after the list of GitHub's linguist. */
const names = [
  /[._-]min\.(?:js|css|mjs|cjs)$/,
  /\.(?:js|css|ts|mjs|cjs)\.map$/,
  /^(?:package-lock|npm-shrinkwrap)\.json$/,
  /^(?:yarn|bun|deno|cargo|poetry|uv|pipfile|pdm|composer|gemfile|mix|flake|pubspec|podfile)\.lock$/,
  /^pnpm-lock\.yaml$/,
  /^go\.(?:sum|work\.sum)$/,
  /\.pb\.(?:go|cc|h|dart)$/,
  /_pb2(?:_grpc)?\.pyi?$/,
  /\.(?:g|freezed)\.dart$/,
  /\.(?:designer|g|g\.i)\.cs$/,
  /\.generated\.\w+$/,
];

/** Characters at the start of a file in which a tool says that it has written it. */
const head = 2000;
/** In a comment, so that code that looks for these words is not meant. */
const marker =
  /^[ \t]*(?:\/\/|\/?\*+|#|--|;|%|<!--|""")[^\n]*?(?:@generated\b|\bcode generated\b[^\n]*\bdo not edit\b|<auto-?generated|\b(?:auto-?|automatically )generated\b[^\n]*\bdo not (?:edit|modify)\b)/im;

/** Characters; nobody writes whole files in such lines, unless a line is a paragraph. */
const longestMeanLine = 500;
const smallestMinified = 5000;
const prose = /\.(?:md|mdx|markdown|qmd|rmd|tex|latex|rst|adoc|asciidoc|typ|org|txt)$/;

/** Why a file counts as written by a program, as the end of a sentence; undefined where it does not. */
export function whyGenerated(uri: string, text: string, lineCount: number): string | undefined {
  const name = nameOf(uri).toLowerCase();
  if (names.some((pattern) => pattern.test(name)))
    return 'its name is one that tools give to what they write';
  if (marker.test(text.slice(0, head))) return 'its first lines say so';
  if (prose.test(name)) return undefined;
  if (text.length >= smallestMinified && text.length / Math.max(1, lineCount) > longestMeanLine) {
    return `its lines have ${Math.round(text.length / Math.max(1, lineCount))} characters on average`;
  }
  return undefined;
}
