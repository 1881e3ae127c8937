import { hubAccess } from '../models/access';
import { nameDownload } from '../models/catalogue';
import { targetOf } from '../models/curated';
import { downloadModel, planDownload } from '../models/downloadModel';
import { openHub } from '../models/http';
import { offerOf } from '../models/offer';
import { progressOf } from '../models/progress';
import { defaultSettings } from '../protocol';
import { confirm } from './confirm';

export interface DownloadFlags {
  readonly revision?: string;
  readonly yes?: boolean;
}

/**
 * Shows size and licence of a model on the hub, asks, and downloads it. Endpoint, proxy and token are the environment's.
 * Standard output gets one line, once the model is there; all else goes to standard error.
 */
export async function download(
  model: string,
  { revision, yes }: DownloadFlags,
  signal: AbortSignal,
): Promise<void> {
  const hub = await openHub(hubAccess(defaultSettings.hub));
  try {
    const plan = await planDownload(hub, targetOf(model, revision), signal);
    const { repository, isHere, details } = offerOf(plan);
    if (!isHere) {
      tell(`${repository}\n${details.map((line) => `  ${line}\n`).join('')}`);
      if (yes !== true && !(await confirm('Download it?', 'models download', signal))) return;
    }
    const folder = await downloadModel(hub, plan, terminalProgress(), signal);
    if (!isHere && process.stderr.isTTY) tell('\n');
    process.stdout.write(`${nameDownload(repository, folder)}  ${folder}\n`);
  } finally {
    await hub.close();
  }
}

const tell = (text: string) => process.stderr.write(text);

/** One line that changes, on a terminal; elsewhere a line for every tenth of the way. */
function terminalProgress() {
  let tenth = -1;
  return progressOf((message, percentage) => {
    if (process.stderr.isTTY) return tell(`\r\x1b[K${percentage} %  ${message}`);
    if (Math.floor(percentage / 10) === tenth) return;
    tenth = Math.floor(percentage / 10);
    tell(`${percentage} %  ${message}\n`);
  });
}
