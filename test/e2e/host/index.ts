/** Entry of the suite that an editor runs in its extension host: code-server in `npm test`, or a desktop VS Code. */
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000 });
  // The suite registers itself when it is loaded, which needs mocha's globals.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./suite');
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
}
