/** `dist/cli.js`: completions, evaluations and benchmarks without an editor. */
import { run } from './cli/program';

void run(process.argv).then((code) => {
  process.exitCode = code;
});
