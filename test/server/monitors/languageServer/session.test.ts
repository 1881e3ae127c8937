import { expect, test } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver-protocol';
import type { Connection } from '../../../../server/monitors/languageServer/connection';
import { createSession } from '../../../../server/monitors/languageServer/session';

/** A session with a server that says nothing on its own. */
function createSilent() {
  let tell: (uri: string, diagnostics: readonly Diagnostic[], version?: number) => void = () => undefined;
  const connection: Connection = {
    pid: 0,
    takesChanges: false,
    ended: new Promise(() => undefined),
    request: () => new Promise(() => undefined),
    notify: async () => undefined,
    onDiagnostics: (listener) => {
      tell = listener;
    },
    stop: async () => undefined,
  };
  const session = createSession(connection, 1);
  const diagnostics = (uri: string) => session.diagnostics({ uri, languageId: 'c', text: '' }, 0);
  return { tell: (...said: Parameters<typeof tell>) => tell(...said), diagnostics };
}

test.each([
  ['file:///c%3A/shop/a.c', 'file:///C:/shop/a.c'],
  ['file:///c%3A/shop/a.c', 'file:///c:/shop/a.c'],
  ['file:///shop/a+b@c.c', 'file:///shop/a%2Bb%40c.c'],
  ['file:///shop/%E4.c', 'file:///shop/%E4.c'],
])('what is said of a document counts however its URI is written: %s, %s', async (asked, told) => {
  const { tell, diagnostics } = createSilent();
  expect(await diagnostics(asked)).toBeUndefined();
  tell(told, [], 1);
  expect(await diagnostics(asked)).toEqual([]);
  tell(told, []);
  expect(await diagnostics(asked)).toBeUndefined();
  tell('file:///d%3A/shop/a.c', [], 1);
  expect(await diagnostics(asked)).toBeUndefined();
});
