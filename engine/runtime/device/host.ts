/** The process that hosts an engine on a device whose driver must not end the server: it passes on what is said. */
import { type Channel, openThread } from '../channel';
import { arrived } from '../messages';
import { disableTelemetry } from '../telemetry';
import type { ToProcess } from './process';

disableTelemetry();
let channel: Channel | undefined;

process.on('message', (message: ToProcess) => {
  switch (message.type) {
    case 'start':
      channel = openThread(message.options, message.rowsPerPass);
      channel.listen((answer) => process.send?.(answer));
      // What was said last must be on its way before.
      void channel.died.then(() => setImmediate(() => process.disconnect?.()));
      return;
    case 'cancel':
      return channel?.cancel(message.id);
    case 'end':
      return channel?.end();
    case 'pass-on':
      return channel?.post(arrived(message.message));
  }
});

// Whoever started it is gone: nobody needs the device any more.
process.on('disconnect', () => process.exit());
