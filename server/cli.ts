/** `dist/cli.js`: completions, evaluations and benchmarks without an editor. */
import { run } from './cli/program';

// `replay ... | head` closes the pipe when it has enough.
const unread = new AbortController();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  unread.abort();
});

void run(process.argv, unread.signal).then((code) => {
  process.exitCode = code;
});
