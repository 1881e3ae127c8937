/** What the kit does on the machine: one process per measurement, all reports in one JSON, all that is printed in one log. */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { vulkanEnvironment } from './vulkan.mjs';

const kit = path.dirname(fileURLToPath(import.meta.url));
const suites = ['device', 'decode', 'edit-replay', 'copy'];
const shapes = ['0.5B', '1.5B', '3B'];
/** How much of the time that is left each takes, beside the others: large models are made and quantised first. */
const weights = { '0.5B': 3, '1.5B': 5, '3B': 9, device: 2, decode: 2, 'edit-replay': 3, copy: 2 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    work: { type: 'string' },
    seconds: { type: 'string', default: '540' },
    shapes: { type: 'string', default: '0.5B,1.5B' },
    device: { type: 'string', default: 'webgpu' },
  },
});
const chosenShapes = values.shapes === 'none' ? [] : values.shapes.split(',');
const chosenSuites = positionals.length === 0 ? suites : positionals;
refuse(chosenSuites, suites, 'suite');
refuse(chosenShapes, shapes, 'shape');
refuse([values.device], ['webgpu', 'auto', 'cpu'], 'device');
const seconds = Number(values.seconds);
refuse(seconds > 0 ? [] : [values.seconds], [], 'number of seconds');

const work = path.resolve(values.work);
const out = path.resolve(values.out);
for (const folder of [work, out]) mkdirSync(folder, { recursive: true });
const logFile = path.join(out, 'log.txt');
writeFileSync(logFile, '');
const log = (text) => {
  process.stdout.write(text);
  appendFileSync(logFile, text);
};

const { env, notes } = vulkanEnvironment(path.join(kit, 'libraries'), work);
const machine = describe();
log(`${[...Object.values(machine), ...notes].join('\n')}\n\n`);
const end = Date.now() + 1000 * seconds;
const results = { machine, notes, startedAt: new Date().toISOString(), runs: [] };
let left = jobs();
while (left.length > 0) {
  const [job, ...others] = left;
  const total = left.reduce((sum, { weight }) => sum + weight, 0);
  const remaining = (end - Date.now()) / 1000;
  results.runs.push(await measure(job, remaining, (remaining * job.weight) / total));
  writeFileSync(path.join(out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  left = others;
}
const reports = results.runs.flatMap((run) => run.reports);
const measured = reports.filter(({ rows }) => rows.length > 0).length;
const failures = new Set([...reports, ...results.runs].flatMap(({ failure }) => failure ?? []));
log(`${measured} of ${results.runs.length} measured; ${path.join(out, 'results.json')}, ${logFile}\n`);
for (const failure of failures) log(`Not measured: ${failure}\n`);
process.exitCode = measured > 0 ? 0 : 1;

/** What matters most first, since time may run out. */
function jobs() {
  const job = (suite, args, weight = weights[suite]) => ({ suite, args: [suite, ...args], weight });
  const all = [
    ...chosenShapes.map((shape) =>
      job('device', ['--shapes', shape, '--device', values.device], weights[shape]),
    ),
    job('device', []),
    // The graph of the shape at 4 bit is there by then.
    ...chosenShapes
      .slice(0, 1)
      .map((shape) => job('decode', ['--device', 'webgpu', '--shapes', shape, '--precision', 'int4'])),
    job('decode', ['--device', 'webgpu', '--model', 'default'], 1),
    job('edit-replay', ['--device', 'webgpu']),
    job('copy', ['--device', 'webgpu']),
  ];
  return all.filter(({ suite }) => chosenSuites.includes(suite));
}

/** One measurement in a process of its own, which is ended when all the time is up. */
function measure({ args }, remaining, share) {
  const name = args.join(' ');
  const run = { command: `bench ${name}`, reports: [] };
  if (remaining < 1) return { ...run, failure: `${name}: the time was up before it began.` };
  const json = path.join(work, 'report.json');
  writeFileSync(json, '[]');
  const began = Date.now();
  // What has begun by then is still finished: a suite that is ended has measured nothing.
  const begins = Math.max(1, Math.floor(0.8 * share));
  const flags = ['--seconds', String(begins), '--json', json];
  log(`== bench ${name} (${begins} s)\n`);
  const child = spawn(process.execPath, [path.join(kit, 'app/dist/cli.js'), 'bench', ...args, ...flags], {
    env: {
      ...env,
      SLIPSTREAM_CACHE_DIR: path.join(work, 'cache'),
      SLIPSTREAM_CONFIG_DIR: path.join(work, 'config'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', log);
  child.stderr.setEncoding('utf8').on('data', log);
  const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * remaining);
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ ...run, failure: `${name}: ${message}` }));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const reports = JSON.parse(readFileSync(json, 'utf8'));
      const ended = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      const failure = reports.length === 0 ? { failure: `${name}: ${ended}; see the log.` } : {};
      resolve({ ...run, ...failure, seconds: (Date.now() - began) / 1000, reports });
    });
  });
}

/** The machine in lines. */
function describe() {
  const say = (command, ...args) => {
    try {
      return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return `${command}: not there`;
    }
  };
  const nodes = readdirSync('/dev').filter((name) => /^(nvidia|dri)/.test(name));
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const query = '--query-gpu=name,driver_version,memory.total,pcie.link.gen.max,clocks.max.memory';
  return {
    gpu: say('nvidia-smi', query, '--format=csv,noheader'),
    processor: `${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${/^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? 'unknown'}, kernel ${os.release()}`,
    devices: `/dev: ${nodes.join(' ') || 'no nvidia, no dri'}`,
  };
}

function refuse(given, known, what) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  console.error(
    `"${unknown}" is no ${what}${known.length > 0 ? ` (${known.join(', ')})` : ''}; see run.sh --help.`,
  );
  process.exit(2);
}
