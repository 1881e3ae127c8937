/**
 * Debian packages for one's own folder, without root: the system's apt with lists and a cache of its own, asked about the suites
 * of the mirror that the system itself uses.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Fields of a deb822 source that another suite of the same mirror shares with it. */
const sharedFields = ['uris', 'signed-by', 'trusted', 'check-valid-until', 'check-date'];
/** All that a package cannot run without. */
const closure = ['depends', '--recurse', '--important'];
const longestMs = 5 * 60 * 1000;

/**
 * Where a distribution's main suite comes from, as deb822 paragraphs without suites.
 * @param files what `sources.list` (`.list`) and its folder (`.list`, `.sources`) hold: `{ name, text }`
 * @param codename of the distribution, as `bookworm`
 */
export function mirrorsOf(files, codename) {
  const sources = files.flatMap(({ name, text }) =>
    name.endsWith('.sources') ? paragraphs(text) : text.split('\n').flatMap(lineSource),
  );
  return sources
    .filter(({ types, suites, uris, enabled = 'yes' }) => {
      const isUsed = types?.split(/\s+/).includes('deb') && enabled !== 'no';
      return isUsed && suites?.split(/\s+/).includes(codename) && !/^cdrom:/.test(uris ?? 'cdrom:');
    })
    .map((source) => sharedFields.flatMap((field) => (source[field] ? [`${field}: ${source[field]}`] : [])));
}

/** Fields by their lower-case names; a field goes on in lines that begin with a space. */
function paragraphs(text) {
  return text
    .replaceAll(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .map((paragraph) =>
      Object.fromEntries(
        [...paragraph.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(([, field, value]) => [
          field.toLowerCase(),
          field.toLowerCase() === 'signed-by' ? value : value.trim(),
        ]),
      ),
    );
}

/** `deb [option=value ...] uri suite component...` */
function lineSource(line) {
  const match = /^\s*(deb)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)/.exec(line);
  if (match === null) return [];
  const [, types, options = '', uris, suites] = match;
  const named = options.split(/\s+/).flatMap((option) => {
    const [, name, value] = /^([\w-]+)=(.*)$/.exec(option) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value.replaceAll(',', ' ')]];
  });
  return [{ ...Object.fromEntries(named), types, uris, suites }];
}

function systemSources() {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  return ['/etc/apt/sources.list', ...names]
    .filter((name) => /\.(list|sources)$/.test(name) && existsSync(name))
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }));
}

/**
 * An apt that keeps all it writes in `folder`.
 * @param codename of the distribution
 * @throws Error where the system names no mirror
 */
export function createApt(folder, codename) {
  const mirrors = mirrorsOf(systemSources(), codename);
  if (mirrors.length === 0) throw new Error(`apt's sources name no mirror of ${codename}`);
  const parts = path.join(folder, 'sources.d');
  for (const made of [parts, path.join(folder, 'lists/partial'), path.join(folder, 'cache/archives/partial')])
    mkdirSync(made, { recursive: true });
  const suites = ['', '-updates', '-backports'].map((suffix) => codename + suffix);
  const sources = mirrors.flatMap((fields) =>
    // One at a time, since a mirror need not have them all.
    suites.map((suite) => ['types: deb', ...fields, `suites: ${suite}`, 'components: main', ''].join('\n')),
  );
  writeFileSync(path.join(parts, 'mirror.sources'), sources.join('\n'));
  const configuration = path.join(folder, 'apt.conf');
  writeFileSync(
    configuration,
    `Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${parts}";
Dir::State::lists "${folder}/lists";
Dir::Cache "${folder}/cache";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
${process.getuid?.() === 0 ? 'APT::Sandbox::User "root";' : ''}
`,
  );
  const apt = (tool, ...args) => output(tool, ['-c', configuration, '-q', ...args], folder);

  return {
    /** Rejects where no suite could be read. */
    update: () => apt('apt-get', 'update'),
    /** Versions of a package that can be had: `{ version, suite }`, the newest first. */
    async versions(name) {
      const rows = await apt('apt-cache', 'madison', name);
      return rows.split('\n').flatMap((row) => {
        const [, version, where] = row.split('|').map((cell) => cell.trim());
        return where === undefined ? [] : [{ version, suite: /\s([\w-]+)\//.exec(where)?.[1] ?? codename }];
      });
    },
    /** What of a package's dependencies, itself included, is not installed or too old: `[name, version]` each. */
    async missingFor(name, { version, suite }) {
      // What it needs may be newer than the main suite, too.
      const from = ['-o', `APT::Default-Release=${suite}`];
      const wanted = `${name}=${version}`;
      const plan = await apt('apt-get', ...from, '-s', 'install', '--no-install-recommends', wanted);
      const needed = new Set((await apt('apt-cache', ...from, ...closure, name)).match(/^\w\S*/gm));
      // The system's packages that use an older version of these would have to be replaced with them: not here.
      return [...plan.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)]
        .map(([, found, at]) => [found, at])
        .filter(([found]) => needed.has(found));
    },
    /** Unpacks packages into `target`; none of their scripts runs. */
    async unpack(packages, target) {
      const downloads = path.join(folder, 'downloads');
      mkdirSync(downloads);
      const wanted = packages.map(([name, version]) => `${name}=${version}`);
      await output('apt-get', ['-c', configuration, '-q', 'download', ...wanted], downloads);
      for (const file of readdirSync(downloads).filter((name) => name.endsWith('.deb')))
        await output('dpkg', ['-x', file, target], downloads);
    },
  };
}

/** What a command prints. Rejects with the last thing that it complained of. */
function output(command, args, cwd) {
  const options = { cwd, env: { ...process.env, LC_ALL: 'C' }, timeout: longestMs, maxBuffer: 2 ** 26 };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said =
        `${stderr}`
          .trim()
          .split('\n')
          .find((line) => /^E:/.test(line)) ?? error.message;
      reject(new Error(`${command} failed: ${said.split('\n')[0].trim()}`));
    });
  });
}
