import { Command, CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { addBench } from '../../../server/bench/command';
import { suiteNames } from '../../../server/bench/names';

it('a suite that does not exist is a usage error that names those that do', async () => {
  const program = new Command().exitOverride();
  let written = '';
  program.configureOutput({ writeErr: (text) => (written += text) });
  addBench(program);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  await expect(program.parseAsync(['bench', 'telepathy'], { from: 'user' })).rejects.toThrow(CommanderError);
  for (const name of suiteNames) expect(written).toContain(name);
});
