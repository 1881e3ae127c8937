/** Every custom message and the settings: the only file that client and server share. */
import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { BenchChart, BenchReport } from './bench/report';

export const languageServerName = 'Slipstream';

/** The `slipstream.*` section of the settings, with the defaults of package.json. */
export interface Settings {
  /** Per language id, `*` for the rest. */
  enable: Record<string, boolean>;
  /** Folder of a Hugging Face model; empty for the one that Slipstream ships. */
  model: string;
  device: 'auto' | 'cpu' | 'webgpu';
  precision: 'int8' | 'int4' | 'fp32';
  /** 0 = physical cores. */
  threads: number;
  contextTokens: number;
  /** All documents' KV caches together, in MiB; 0 keeps nothing between requests. */
  cacheMegabytes: number;
  maxTokens: number;
  multiline: 'auto' | 'never';
  /** How sure the model must be of what is shown while typing. */
  eagerness: 'eager' | 'balanced' | 'quiet';
  /** What is done with cached rows behind an edit; `splice` only to compare. */
  cacheReuse: 'pie' | 'splice' | 'recompute';
  /** How text to repeat is looked up; `copyspec` only to compare. */
  copyRule: 'longest' | 'copyspec';
  /** How tokens are chosen; `beam` and `infill` only to compare. */
  decoding: 'adaptive' | 'greedy' | 'beam' | 'infill';
  /** How many of the prompt's tokens may show signatures from other files; null: what suits the model. */
  signatureTokens: number | null;
  /** Memory of the analysis of TypeScript and JavaScript, in MiB. */
  analysisMegabytes: number;
  /** Command lines of further language servers, per language id. */
  languageServers: Record<string, string[]>;
  /** Techniques that are switched off. */
  without: string[];
}

export const defaultSettings: Settings = {
  enable: { '*': true, plaintext: false, scminput: false },
  model: '',
  device: 'auto',
  precision: 'int8',
  threads: 0,
  contextTokens: 2048,
  cacheMegabytes: 512,
  maxTokens: 128,
  multiline: 'auto',
  eagerness: 'balanced',
  cacheReuse: 'pie',
  copyRule: 'longest',
  decoding: 'adaptive',
  signatureTokens: null,
  analysisMegabytes: 1024,
  languageServers: {},
  without: [],
};

/**
 * What a client may say in `initialize`. All of it is optional: a client that knows nothing of
 * Slipstream gets a plain LSP server without custom messages.
 */
export interface InitializationOptions {
  slipstream?: {
    /** Send `slipstream/status` and `slipstream/outcome`. */
    notifications?: boolean;
    /** Starting values, for clients without `workspace/configuration`. */
    settings?: Partial<Settings>;
    /** Milliseconds after which a completion is answered as far as it is; 600, as VS Code gives up after 750. */
    deadlineMs?: number;
    /** Whether programs may be started for the workspace; true where left out. */
    isTrusted?: boolean;
  };
}

export type ServerState = 'starting' | 'ready' | 'working' | 'failed';

export interface ServerStatus {
  state: ServerState;
  /** One sentence: why it is in this state, and what to do if it failed. */
  reason: string;
  /** E.g. "default (int8) on cpu". */
  model?: string;
}

/** Server to client whenever the engine's state changes; only if the client asked for notifications. */
export const statusNotification = new NotificationType<ServerStatus>('slipstream/status');

/** Client to server when the user has come to trust the workspace. */
export const trustedNotification = new NotificationType0('slipstream/trusted');

/** Why a request ended without ghost text. Every empty answer has one. */
export type EmptyReason =
  | 'language-off'
  | 'file-too-large'
  | 'file-binary'
  | 'engine-starting'
  | 'engine-failed'
  | 'cancelled'
  | 'deadline'
  | 'position-outside-document'
  | 'document-not-open'
  | 'document-out-of-sync'
  | 'document-changed'
  | 'low-confidence'
  | 'forced-off'
  | 'nothing-generated'
  | 'nothing-after-filters';

export interface CompletionOutcome {
  uri: string;
  kind: 'shown' | 'empty';
  /** A sentence for people: "42 ms, 9 tokens" or why nothing is shown. */
  reason: string;
  emptyReason?: EmptyReason;
  totalMs: number;
}

/** Server to client after every inline completion request; only if the client asked for notifications. */
export const outcomeNotification = new NotificationType<CompletionOutcome>('slipstream/outcome');

export interface DocumentStatus {
  on: boolean;
  /** Why completions are off in this document. */
  reason: string;
}

/** Client to server when another editor becomes active: are completions on here, and if not, why? */
export const documentStatusRequest = new RequestType<{ uri: string }, DocumentStatus, void>(
  'slipstream/documentStatus',
);

export interface RefreshAnswer {
  /** Cached rows that are still stale: 0 unless the engine is ending. */
  stale: number;
}

/**
 * Client to server, for tests and benchmarks: answered when the cached rows that edits of the document made stale are
 * encoded anew, which otherwise happens by itself in idle time.
 */
export const refreshRequest = new RequestType<{ uri: string }, RefreshAnswer, void>('slipstream/refresh');

export interface CalibrationParams {
  workDoneToken?: string | number;
  /** So many places of the source are looked at; left out, as many as make a good threshold. */
  places?: number;
}

export interface CalibrationAnswer {
  /** In nats. */
  threshold: number;
  previous: number;
  /** Share of tokens at which the model counts as unsure by it. */
  shareUnsure: number;
  tokens: number;
}

/**
 * Client to server: learns from the source of the workspace's folders from which entropy on the model is to count as unsure,
 * with progress under `workDoneToken`. Null if it was cancelled.
 */
export const calibrateRequest = new RequestType<CalibrationParams, CalibrationAnswer | null, void>(
  'slipstream/calibrate',
);

export type { BenchChart, BenchReport, BenchRow, Machine } from './bench/report';

export interface BenchSuite {
  name: string;
  /** One line. */
  description: string;
  /** Whether it edits source text: the built-in text, or the user's own. */
  usesFiles: boolean;
  /** Whether it is among those that a list proposes. */
  proposed: boolean;
}

/** Client to server: the benchmark suites there are, in the order in which they run. */
export const benchSuitesRequest = new RequestType0<BenchSuite[], void>('slipstream/bench/suites');

export interface BenchParams {
  suites: string[];
  /** Progress is sent under it, as LSP has it: `$/progress` with begin, report and end. */
  workDoneToken?: string | number;
  /** The source text that is edited; `built-in` if left out. */
  files?: 'workspace' | 'built-in';
}

/** What a view of a report draws; worked out by the server, so that all views write numbers in the same way. */
export interface BenchPage {
  report: BenchReport;
  machine: string;
  /** The rows as texts, titles first. */
  table: string[][];
  /** The report's own, and its rows beside their baselines and goals. */
  charts: BenchChart[];
}

export interface BenchAnswer {
  /** One for each suite that ran; one that failed says why and has no rows. */
  reports: BenchReport[];
  /** The same, ready to be drawn. */
  pages: BenchPage[];
  /** All reports as one document. */
  markdown: string;
  /** Whether it was cancelled before the last suite had ended. */
  stopped: boolean;
}

/**
 * Client to server: runs suites in a process of their own, with the current model and device. When cancelled, that process
 * is ended, and the answer holds the suites that had finished.
 */
export const benchRunRequest = new RequestType<BenchParams, BenchAnswer, void>('slipstream/bench/run');
