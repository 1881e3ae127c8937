import type { NotificationType } from 'vscode-jsonrpc';
import type { Connection, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FinishedRequest } from './completion/finished';
import type { Syntax } from './completion/syntax/index';
import type { Replacement } from './documents/changes';
import type { DocumentHistory } from './documents/history';
import type { Manners } from './documents/manners';
import type { EngineHost } from './engine/host';
import type { Log } from './log';
import type { Analyst } from './monitors/analyst';
import type { Settings } from './protocol';
import type { Surroundings } from './retrieval/surroundings';

/** What the client said about itself in `initialize`. */
export interface Client {
  /** Whether it wants `slipstream/*` notifications. */
  notifications: boolean;
  /** Milliseconds after which it wants an answer, complete or not. */
  deadlineMs: number;
  pullsConfiguration: boolean;
  registersConfiguration: boolean;
  /** Starting values of the settings, as they came. */
  initialSettings: unknown;
  /** File paths of the workspace folders that are on this machine. */
  folders: readonly string[];
  /** Paths of all workspace folders, also of those on another machine: what globs are relative to. */
  roots: readonly string[];
  changesFolders: boolean;
  /** Whether it can be asked to tell which files change on disk. */
  watchesFiles: boolean;
  /** Whether programs may be started for the workspace. */
  isTrusted: boolean;
}

/** What the features share. Each feature registers its own handlers and owns the part it changes. */
export interface ServerContext {
  readonly connection: Connection;
  readonly log: Log;
  readonly documents: TextDocuments<TextDocument>;
  readonly history: DocumentHistory;
  readonly manners: Manners;
  readonly surroundings: Surroundings;
  readonly engine: EngineHost;
  readonly analyst: Analyst;
  readonly syntax: Syntax;
  readonly client: Client;
  /** Sends one of Slipstream's own notifications, if the client wants them. */
  notify<P>(type: NotificationType<P>, params: P): void;
  settings: Settings;
  /** Run in order when the client is ready to be talked to. */
  readonly onInitialized: (() => void | Promise<void>)[];
  /** Run whenever the settings, or what they are relative to, may have changed. */
  readonly onSettings: (() => void)[];
  /** Told every answered request, before the answer is sent. They must not throw. */
  readonly onFinished: ((request: FinishedRequest) => void)[];
  /** Told every edit of an open document, as it is applied. They must not throw. */
  readonly onReplaced: ((uri: string, replacement: Replacement) => void)[];
}
