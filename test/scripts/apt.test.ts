import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Apt {
  mirrorsOf(files: readonly { name: string; text: string }[], codename: string): string[][];
}
// A script has no types: those of what is tested are here.
const { mirrorsOf }: Apt = await import(join(import.meta.dirname, '../../scripts/apt.mjs'));

const of = (name: string, text: string, codename = 'bookworm') => mirrorsOf([{ name, text }], codename);

test('the mirror of the main suite is found in lines', () => {
  const text = `# deb http://old.example/debian bookworm main
deb-src http://a.example/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main non-free
deb http://a.example/debian-security bookworm-security main
deb https://other.example/apt stable main`;
  expect(of('sources.list', text)).toEqual([['uris: http://a.example/debian', 'signed-by: /k.gpg']]);
});

test('and in paragraphs, also with a key in them', () => {
  const key = ' -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQIN\n -----END PGP PUBLIC KEY BLOCK-----';
  const text = `Types: deb deb-src
# a comment
URIs: mirror+file:/etc/apt/mirrors/debian.list
Suites: bookworm bookworm-updates
Components: main
Signed-By:
${key}

Types: deb
URIs: http://b.example/debian
Suites: bookworm
Enabled: no

Types: deb
URIs: http://c.example/debian-security
Suites: bookworm-security`;
  expect(of('debian.sources', text)).toEqual([
    ['uris: mirror+file:/etc/apt/mirrors/debian.list', `signed-by: \n${key}`],
  ]);
});

test('a system whose sources name other releases has none', () => {
  expect(of('sources.list', 'deb http://a.example/debian trixie main')).toEqual([]);
});
