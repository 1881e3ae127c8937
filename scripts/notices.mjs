/** The licences of what a bundle is made of, which have to go where the bundle goes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const legal = /^(licen[cs]e|copying|notice|third-?party-?notices?)([-.](?!.*\.[cm]?[jt]s$).*)?$/i;

/**
 * @param metafiles esbuild's, of all bundles
 * @param others folders of packages that go along as they are
 * @returns a text with the licences of all packages, by name
 */
export function notices(metafiles, others) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set([...inputs.map(packageOf).filter((folder) => folder !== undefined), ...others]);
  const told = [...folders].map(noticeOf).sort((a, b) => a.title.localeCompare(b.title));
  // The same version in two places is one package.
  const byTitle = new Map(told.map(({ title, text }) => [title, text]));
  const parts = [...byTitle].map(([title, text]) => `${title}\n${'-'.repeat(title.length)}\n\n${text}\n`);
  return ['Slipstream contains parts of these packages.\n', ...parts].join('\n');
}

/** The folder of the package that a file is of; undefined for our own files. */
function packageOf(file) {
  return file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
}

function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && legal.test(entry.name),
  );
  const texts = files.map((file) => readFileSync(path.join(folder, file.name), 'utf8').trim());
  const by = typeof author === 'object' ? author.name : author;
  const stated = `${license}${by ? `, ${by}` : ''} (stated in its package.json; the package has no file with its licence)`;
  return { title: `${name} ${version}`, text: texts.length > 0 ? texts.join('\n\n') : stated };
}
