import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CompletionRequest } from '../../../engine/index';

/** Runs in the server before its own code: writes down every request on its way to the engine. */
const preload = `
const { Worker } = require('node:worker_threads');
const { appendFileSync } = require('node:fs');
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message?.type === 'complete')
    appendFileSync(process.env.SLIPSTREAM_TEST_RECORD, JSON.stringify(message.request) + '\\n');
  return post.call(this, message, ...rest);
};
`;

/** The border between server and engine, where all that the model gets to see passes by. */
export function recordRequests(folder: string) {
  const script = path.join(folder, 'record.cjs');
  const record = path.join(folder, 'requests.jsonl');
  writeFileSync(script, preload);
  return {
    env: { NODE_OPTIONS: `--require ${script}`, SLIPSTREAM_TEST_RECORD: record },
    requests(): CompletionRequest[] {
      if (!existsSync(record)) return [];
      const lines = readFileSync(record, 'utf8').trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as CompletionRequest);
    },
  };
}
