import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTypeScriptAnalyst } from '../../monitors/typescript/analyst';
import { defaultSettings } from '../../protocol';
import { type BenchRow, row } from '../report';
import { withScratch } from '../scratch';

/** What the analysis of a project takes: memory, and the time of a first and a second answer. */
export async function memoryRows(files: number): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-project-'));
  return withScratch(folder, () => measure(folder, files));
}

async function measure(folder: string, files: number): Promise<BenchRow[]> {
  const analyst = createTypeScriptAnalyst({
    workerPath: join(__dirname, 'analysisWorker.js'),
    openDocuments: () => [],
    megabytes: () => defaultSettings.analysisMegabytes,
    log: () => {},
  });
  try {
    writeProject(folder, files);
    const before = process.memoryUsage.rss();
    const text = `import { Thing0 } from './thing0';\nexport const name = new Thing0('x', 1).`;
    const uri = pathToFileURL(join(folder, 'main.ts')).href;
    const ask = async (after: string) => {
      const started = performance.now();
      await analyst.ask({ uri, languageId: 'typescript', kinds: ['member'], before: text, after });
      return performance.now() - started;
    };
    const first = await ask(';\n');
    const second = await ask(';\n\n');
    return [
      row(`analysis of ${files} files: first answer`, first, 'ms'),
      row(`analysis of ${files} files: second answer`, second, 'ms'),
      row(`analysis of ${files} files: memory`, (process.memoryUsage.rss() - before) / 2 ** 20, 'MiB', {
        goal: defaultSettings.analysisMegabytes,
      }),
    ];
  } finally {
    await analyst.dispose();
  }
}

/** Classes that know each other, some forty lines each. */
function writeProject(folder: string, files: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true } }');
  writeFileSync(join(folder, 'main.ts'), 'export {};\n');
  for (let i = 0; i < files; i++) {
    const next = (i + 1) % files;
    const methods = Array.from(
      { length: 10 },
      (_, j) =>
        `  method${j}(other: Thing${next}): string[] {\n    return [this.name, other.name].map((one) => one.toUpperCase());\n  }\n`,
    );
    writeFileSync(
      join(folder, `thing${i}.ts`),
      `import { Thing${next} } from './thing${next}';\n\nexport class Thing${i} {\n  constructor(readonly name: string, readonly size: number) {}\n\n${methods.join('\n')}}\n`,
    );
  }
}
