import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createTypeScriptAnalyst, type OpenDocument } from '../../../../server/monitors/typescript/analyst';
import { temporaryFolder } from '../../../support/folder';

const folder = temporaryFolder();

/**
 * An analyst whose thread says, instead of what is legal, how much memory it may take (MiB) and which texts it knows. Less than
 * 100 are too few for a question.
 */
function createTelling(openDocuments: () => readonly OpenDocument[], megabytes = () => 100) {
  const scripts = folder('scripts');
  mkdirSync(scripts, { recursive: true });
  const workerPath = join(scripts, 'telling.cjs');
  writeFileSync(
    workerPath,
    `const { parentPort, resourceLimits } = require('node:worker_threads');
const most = resourceLimits.maxOldGenerationSizeMb;
const texts = new Map();
parentPort.on('message', ({ type, fileName, text, places }) => {
  if (type === 'text') texts.set(fileName, text);
  else if (most < 100) for (const hoard = []; ; ) hoard.push(new Array(1e5).fill(0));
  else parentPort.postMessage({ answers: places.map(() => ({ reason: [most, ...texts.values()].join() })) });
});`,
  );
  const analyst = createTypeScriptAnalyst({ workerPath, openDocuments, megabytes, log: () => {} });
  onTestFinished(() => analyst.dispose());
  return async () => {
    const uri = pathToFileURL(join(scripts, 'main.ts')).href;
    const asked = { uri, languageId: 'typescript', kinds: ['member'], before: 'row.', after: '\n' };
    const answer = await analyst.ask(asked);
    return 'reason' in answer ? answer.reason : '';
  };
}

test('a document that was closed and opened again is known with its new text, though its version is the same', async () => {
  const opened = (text: string) => ({ uri: 'file:///shop/row.ts', version: 1, getText: () => text });
  let row = opened('old');
  const ask = createTelling(() => [row]);
  expect(await ask()).toBe('100,old');
  row = opened('new');
  expect(await ask()).toBe('100,new');
});

test('a thread that has died three times begins again with another limit of its memory', async () => {
  let megabytes = 16;
  const ask = createTelling(
    () => [],
    () => megabytes,
  );
  for (let death = 0; death < 3; death++) expect(await ask()).toMatch(/^The analysis ended: .*memory/);
  expect(await ask()).toMatch(
    /ended 3 times; .* raise slipstream\.analysisMegabytes or choose Restart Server/,
  );
  megabytes = 128;
  expect(await ask()).toBe('128');
});
