/**
 * A language server that misbehaves as its first argument says. What it is told is appended to the file that the second
 * argument names.
 */
import { appendFileSync } from 'node:fs';
import rpc from 'vscode-jsonrpc/node';

const [, , behaviour, diary] = process.argv;
const note = (line) => diary && appendFileSync(diary, `${line}\n`);
note('start');

if (behaviour === 'garbage') {
  process.stdout.write('Hello!\r\nThis is no header\r\n\r\nand no message.\r\n\r\n');
  setInterval(() => undefined, 1000);
} else if (behaviour === 'exits') {
  console.error('I do not want to.');
  process.exit(3);
} else {
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(process.stdin),
    new rpc.StreamMessageWriter(process.stdout),
  );
  connection.onRequest('initialize', () =>
    behaviour === 'silent' ? new Promise(() => undefined) : { capabilities: { textDocumentSync: 2 } },
  );
  connection.onNotification('textDocument/didOpen', ({ textDocument }) =>
    note(`open ${textDocument.version}`),
  );
  connection.onNotification('textDocument/didChange', ({ textDocument }) =>
    note(`change ${textDocument.version}`),
  );
  connection.onNotification('workspace/didChangeWatchedFiles', ({ changes }) => {
    for (const { uri, type, ...more } of changes)
      note(`file ${uri.split('/').pop()} ${type} ${Object.keys(more)}`.trim());
  });
  connection.onRequest('textDocument/completion', (_, token) => {
    note('completion');
    token.onCancellationRequested(() => note('cancelled'));
    return behaviour in answers ? answers[behaviour](token) : [{ label: 'name', kind: 5 }];
  });
  connection.onRequest('shutdown', () => null);
  connection.onNotification('exit', () => process.exit(0));
  connection.listen();
}

const hoard = [];
const answers = {
  crashes: () => process.exit(1),
  hangs: () => new Promise(() => undefined),
  slow: (token) =>
    new Promise((_, reject) => {
      token.onCancellationRequested(() => reject(new rpc.ResponseError(-32800, 'Cancelled.')));
    }),
  hoards: () => {
    hoard.push(Buffer.alloc(300 * 2 ** 20, 1));
    return [];
  },
  incomplete: () => ({ isIncomplete: true, items: [{ label: 'name', kind: 5 }] }),
  nonsense: () => ({ items: 'all of them' }),
  error: () => {
    throw new rpc.ResponseError(-32603, 'Something is wrong with me.');
  },
  empty: () => null,
};
