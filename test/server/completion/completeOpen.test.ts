import { expect, it } from 'vitest';
import type { CompletionRequest, Engine } from '../../../engine/index';
import { completeOpen } from '../../../server/completion/completeOpen';
import { createDocumentHistory } from '../../../server/documents/history';
import { defaultSettings, type Settings } from '../../../server/protocol';

/** An engine that only takes down what it is asked: what it makes of it is tested with the real one. */
function recordingEngine() {
  const requests: CompletionRequest[] = [];
  const engine: Pick<Engine, 'complete'> = {
    async complete(request) {
      requests.push(request);
      throw new Error('recorded');
    },
  };
  return { requests, engine: engine as Engine };
}

const uri = 'file:///a.ts';
const wholeLine = { start: { line: 0, character: 0 }, end: { line: 0, character: 99 } };

async function requestWith(settings: Partial<Settings>): Promise<CompletionRequest | undefined> {
  const history = createDocumentHistory(() => {});
  const document = history.create(uri, 'typescript', 1, 'const something = compute();\n');
  history.create('file:///other.ts', 'typescript', 1, 'other');
  history.update(document, [{ range: wholeLine, text: '' }], 2);
  const { requests, engine } = recordingEngine();
  const dependencies = {
    engine: { state: 'ready' as const, engine },
    settings: { ...defaultSettings, ...settings },
  };
  const position = { line: 0, character: 0 };
  await completeOpen(
    dependencies,
    history,
    document,
    position,
    { deadlineMs: 1 },
    new AbortController().signal,
  );
  return requests[0];
}

it('asks with what may be copied from, and with the settings of reuse and copying', async () => {
  expect(await requestWith({ cacheReuse: 'splice', copyRule: 'copyspec' })).toMatchObject({
    reuse: 'splice',
    copyRule: 'copyspec',
    copySources: [
      { id: `deleted:${uri}#0`, text: 'const something = compute();' },
      { id: 'file:///other.ts', text: 'other' },
    ],
  });
});

it('sends no texts to copy from where copying is switched off', async () => {
  expect(await requestWith({ without: ['copy'] })).toMatchObject({
    copySources: [],
    reuse: 'pie',
    copyRule: 'longest',
  });
});

it('does not ask about a document whose text is not known', async () => {
  const history = createDocumentHistory(() => {});
  const document = history.create(uri, 'typescript', 1, 'const a = ');
  history.update(document, [null], 2);
  const { requests, engine } = recordingEngine();
  const dependencies = { engine: { state: 'ready' as const, engine }, settings: defaultSettings };
  const position = { line: 0, character: 10 };
  const result = await completeOpen(
    dependencies,
    history,
    document,
    position,
    { deadlineMs: 1 },
    new AbortController().signal,
  );
  expect(result).toMatchObject({ kind: 'empty', reason: 'document-out-of-sync' });
  expect(requests).toEqual([]);
});
