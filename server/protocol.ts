/** Every custom message and the settings: the only file that client and server share. */
import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { BenchChart, BenchReport } from './bench/report';

export const languageServerName = 'Slipstream';

/** The `slipstream.*` section of the settings, with the defaults of package.json. */
export interface Settings {
  /** Per language id, `*` for the rest. */
  enable: Record<string, boolean>;
  /** Where nothing is completed, besides languages: globs, schemes with their colon, and the words of `offWords`. */
  disable: Record<string, boolean>;
  /** Globs of files whose text is never given to the model. */
  secretFiles: Record<string, boolean>;
  /** Folder of a Hugging Face model; empty for the one that Slipstream ships. */
  model: string;
  device: 'auto' | 'cpu' | 'webgpu';
  precision: 'int8' | 'int4' | 'fp32';
  /** 0 = physical cores. */
  threads: number;
  contextTokens: number;
  /** All documents' KV caches together, in MiB; 0 keeps nothing between requests. */
  cacheMegabytes: number;
  /** Minutes without a request after which the model is unloaded; 0: never. */
  unloadMinutes: number;
  maxTokens: number;
  multiline: 'auto' | 'never';
  /** How sure the model must be of what is shown while typing. */
  eagerness: 'eager' | 'balanced' | 'quiet';
  /** Milliseconds without a key before the engine is asked; null: by the pace of typing. */
  debounce: number | null;
  /** What is done with cached rows behind an edit; `splice` only to compare. */
  cacheReuse: 'pie' | 'splice' | 'recompute';
  /** How text to repeat is looked up; `copyspec` only to compare. */
  copyRule: 'longest' | 'copyspec';
  /** How tokens are chosen; `beam` and `infill` only to compare. */
  decoding: 'adaptive' | 'greedy' | 'beam' | 'infill';
  /** How many of the prompt's tokens may show signatures from other files; null: what suits the model. */
  signatureTokens: number | null;
  /** How many of the prompt's tokens each source of context may take; null: what suits the model. */
  context: Record<ContextSource, number | null>;
  /** Memory of the analysis of TypeScript and JavaScript, in MiB. */
  analysisMegabytes: number;
  /** Command lines of further language servers, per language id. */
  languageServers: Record<string, string[]>;
  /** Where models are downloaded from. */
  hub: HubSettings;
  /** Techniques that are switched off. */
  without: string[];
}

/** What `disable` can name besides globs and schemes. */
export const offWords = ['comments', 'strings', 'generated', 'read-only', 'battery'] as const;

/**
 * Where context comes from: what was edited or looked at lately, other open documents, the last edits as a diff, the cells
 * above in a notebook, the clipboard.
 */
export const contextSources = ['recent', 'open', 'edits', 'notebook', 'clipboard'] as const;
export type ContextSource = (typeof contextSources)[number];

export interface HubSettings {
  /** Address of a hub that speaks Hugging Face's API; empty: HF_ENDPOINT, else the public one. */
  endpoint: string;
  /** Address of an HTTP proxy; empty: the editor's, else what HTTPS_PROXY says. */
  proxy: string;
  /** Nothing is ever downloaded. */
  offline: boolean;
}

export const defaultSettings: Settings = {
  enable: { '*': true, plaintext: false, scminput: false },
  disable: { comments: false, strings: false, generated: true, 'read-only': true, battery: false },
  secretFiles: {
    '.env': true,
    '.env.*': true,
    '?*.env': true,
    '.envrc': true,
    '.dev.vars': true,
    '*.{pem,key,p12,pfx,p8,jks,keystore,ppk,kdb,kdbx,gpg,asc,age,ovpn,token}': true,
    '*.{crt,cert,cer,der}': true,
    '*.{tfvars,tfstate}': true,
    'id_{rsa,dsa,ecdsa,ed25519}*': true,
    '{.,_}{npmrc,yarnrc,pypirc,netrc,pgpass,my.cnf,htpasswd,git-credentials,dockercfg,dockerconfigjson}': true,
    '{,*[._-]}{secret,credential,password}{,s}{,.json,.yaml,.yml,.toml,.ini,.txt,.properties,.xml,.csv,.conf}': true,
    '**/{.ssh,.aws,.gnupg,.kube,.docker,.azure}/**': true,
  },
  model: '',
  device: 'auto',
  precision: 'int8',
  threads: 0,
  contextTokens: 2048,
  cacheMegabytes: 512,
  unloadMinutes: 30,
  maxTokens: 128,
  multiline: 'auto',
  eagerness: 'balanced',
  debounce: null,
  cacheReuse: 'pie',
  copyRule: 'longest',
  decoding: 'adaptive',
  signatureTokens: null,
  context: { recent: null, open: null, edits: null, notebook: null, clipboard: 0 },
  analysisMegabytes: 1024,
  languageServers: {},
  hub: { endpoint: '', proxy: '', offline: false },
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

/** `asleep`: the model was unloaded after a long time without a request, and the next one loads it again. */
export type ServerState = 'starting' | 'ready' | 'working' | 'asleep' | 'failed';

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
  | 'disabled-here'
  | 'secret-file'
  | 'generated-file'
  | 'read-only'
  | 'in-comment'
  | 'in-string'
  | 'on-battery'
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
  | 'saves-nothing'
  | 'forced-off'
  | 'nothing-generated'
  | 'nothing-after-filters'
  | 'quiet';

/**
 * Where an answer came from: what an earlier request had left (`cache`), a generation that an earlier request had begun
 * (`in-flight`), or one of its own (`fresh`).
 */
export type CompletionSource = 'cache' | 'in-flight' | 'fresh';

export interface CompletionOutcome {
  uri: string;
  kind: 'shown' | 'empty';
  /** A sentence for people: "42 ms, 9 tokens" or why nothing is shown. */
  reason: string;
  emptyReason?: EmptyReason;
  /** Of what is shown. */
  source?: CompletionSource;
  totalMs: number;
}

/** Server to client after every inline completion request; only if the client asked for notifications. */
export const outcomeNotification = new NotificationType<CompletionOutcome>('slipstream/outcome');

export interface ViewedParams {
  uri: string;
  /** Lines from 0 that are on the screen, both included. */
  first: number;
  last: number;
  /** Where the caret is, from 0. */
  caret?: { line: number; character: number };
}

/** Client to server when the user has looked at a part of a document for a moment. */
export const viewedNotification = new NotificationType<ViewedParams>('slipstream/viewed');

/** Server to client, only where `context` has room for it: what the clipboard holds. */
export const clipboardRequest = new RequestType0<string, void>('slipstream/clipboard');

export interface DocumentStatus {
  on: boolean;
  /** Why completions are off in this document. */
  reason: string;
  /** Whether what is asked for by hand is answered all the same. */
  onRequest?: boolean;
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
 * Client to server: runs suites in a process of their own, with the current model, device and precision. When cancelled, that process
 * is ended, and the answer holds the suites that had finished.
 */
export const benchRunRequest = new RequestType<BenchParams, BenchAnswer, void>('slipstream/bench/run');

/** An LSP command that the server registers: an editor runs it when a completion was accepted as a whole. */
export const acceptedCommandId = 'slipstream.accepted';

/** What runs on the acceptance of an answer's items. */
export const acceptedCommand = (uri: string, request: number) => ({
  title: 'Count as Accepted',
  command: acceptedCommandId,
  arguments: [uri, request],
});

export interface TraceAnswer {
  /** The latest requests as a `.slipstream-trace` document. */
  text: string;
}

/** Client to server: what the latest completions were made of. It is kept in memory only. */
export const traceRequest = new RequestType0<TraceAnswer, void>('slipstream/trace');

export interface ModelEntry {
  /** `curated`: known to work, to be downloaded. `unfinished`: a download that stopped. `missing`: its folder is gone. */
  kind: 'shipped' | 'added' | 'downloaded' | 'unfinished' | 'missing' | 'curated';
  name: string;
  /** For people: size, memory, what the licence means, where it is. */
  detail: string;
  /** As its authors name it. */
  licence?: string;
  /** How it is asked to fill in the middle. */
  fim?: string;
  /** Where it is on disk. */
  folder?: string;
  /** On the hub. */
  repository?: string;
}

/** Client to server: the models that can be chosen. Nothing is asked of the hub. */
export const modelsRequest = new RequestType0<ModelEntry[], void>('slipstream/models');

/** Client to server: gives a folder on disk a name, so that it is among the models from now on. */
export const modelAddRequest = new RequestType<{ folder: string }, { name: string }, void>(
  'slipstream/models/add',
);

/** Client to server, when the user has agreed: deletes what Slipstream has downloaded of a model, whole or not. */
export const modelDeleteRequest = new RequestType<{ folder: string }, void, void>('slipstream/models/delete');

/** What a download would be; nothing of the model is downloaded before somebody has seen this and agreed. */
export interface DownloadOffer {
  repository: string;
  commit: string;
  folder: string;
  /** Of the whole model. */
  bytes: number;
  /** Whether all of it is already there. */
  isHere: boolean;
  licence: string | null;
  /** For people, sentence by sentence: size, licence, memory, from where to where. */
  details: string[];
}

/** Client to server, when the user has asked for it: what a download of a repository, or of a curated name, would be. */
export const modelOfferRequest = new RequestType<{ model: string; revision?: string }, DownloadOffer, void>(
  'slipstream/models/offer',
);

export interface ModelDownloadParams {
  /** As the offer says. */
  repository: string;
  commit: string;
  workDoneToken?: string | number;
}

/**
 * Client to server, when the user has agreed to an offer. What arrives stays where this fails or is cancelled, and the
 * next download goes on from it. Null if it was cancelled.
 */
export const modelDownloadRequest = new RequestType<
  ModelDownloadParams,
  { name: string; folder: string } | null,
  void
>('slipstream/models/download');

/** What a view of the statistics draws. */
export interface StatisticsPage {
  /** One sentence. */
  summary: string;
  charts: BenchChart[];
  /** Rows as texts, titles first. */
  tables: { title: string; lines: string[][] }[];
  notes: string[];
}

export interface StatisticsAnswer {
  page: StatisticsPage;
  /** All that is kept, as a document to export. */
  json: string;
}

/** Client to server: what was counted on this machine, in all windows. Only clients with `notifications` count. */
export const statisticsRequest = new RequestType0<StatisticsAnswer, void>('slipstream/statistics');

/** Client to server: forgets all that was counted. */
export const resetStatisticsRequest = new RequestType0<null, void>('slipstream/statistics/reset');
