/** `dist/cli.js`: completions, evaluations and benchmarks without an editor. */
import { run } from './cli/program';

// `replay ... | head` is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

void run(process.argv).then((code) => {
  process.exitCode = code;
});
