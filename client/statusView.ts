/** What the status item shows, as plain data: no editor needed to test it. */
import type {
  CompletionOutcome,
  DocumentStatus,
  EmptyReason,
  ServerState,
  ServerStatus,
} from '../server/protocol';

export interface Status {
  readonly server: ServerStatus;
  /** Of the active editor; undefined where there is none or the server has not answered yet. */
  readonly document?: DocumentStatus | undefined;
  readonly last?: CompletionOutcome | undefined;
}

export interface StatusView {
  readonly state: ServerState | 'off here';
  readonly icon: string;
  readonly reason: string;
  readonly text: string;
  readonly accessibilityLabel: string;
  /** What the last request came to, as a sentence. */
  readonly last?: string;
  readonly model?: string;
  /** Whether what is asked for by hand is answered. */
  readonly answersRequests: boolean;
}

const icons = {
  starting: '$(loading~spin)',
  ready: '$(zap)',
  working: '$(sync~spin)',
  asleep: '$(debug-pause)',
  'off here': '$(circle-slash)',
  failed: '$(warning)',
} as const satisfies Record<StatusView['state'], string>;

export function viewStatus({ server, document, last }: Status): StatusView {
  const offHere = document?.on === false && server.state !== 'failed';
  const state = offHere ? 'off here' : server.state;
  const reason = offHere ? document.reason : server.reason;
  return {
    state,
    icon: icons[state],
    reason,
    answersRequests: offHere ? document.onRequest === true : server.state !== 'failed',
    text: `${icons[state]} Slipstream: ${state}`,
    accessibilityLabel: `Slipstream, ${state}: ${reason}`,
    // A request that failed for the reason that is shown anyway says nothing new.
    ...(last && last.reason !== reason && { last: last.reason }),
    ...(server.model && { model: server.model }),
  };
}

/** Whether the editor gave the request up for a newer one: it says nothing about why no ghost text is there. */
export const isSuperseded = ({ emptyReason }: CompletionOutcome): boolean =>
  emptyReason === 'cancelled' || emptyReason === 'document-changed';

/** Why nothing is completed anywhere in a document. */
const reasonsOfDocuments: ReadonlySet<EmptyReason | undefined> = new Set<EmptyReason>([
  'language-off',
  'disabled-here',
  'secret-file',
  'generated-file',
  'read-only',
  'on-battery',
  'file-too-large',
  'file-binary',
  'document-not-open',
  'document-out-of-sync',
]);

/** Whether what a request came to says something else about its document than what is shown: it has changed since. */
export const isOutdatedBy = ({ state }: StatusView, { emptyReason }: CompletionOutcome): boolean =>
  (state === 'off here') !== reasonsOfDocuments.has(emptyReason);
