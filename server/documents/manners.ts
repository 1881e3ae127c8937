import type { CompletionDocument } from '../completion/document';
import {
  type Position,
  type Refusal,
  refuseByName,
  refuseDocument,
  refusePosition,
  refuseScope,
} from '../completion/guards';
import type { Settings } from '../protocol';
import type { Battery } from './battery';
import { isReadOnly } from './readOnly';

export interface MannersOptions {
  readonly settings: () => Settings;
  /** Paths of the workspace, on whatever machine: what globs are relative to. */
  readonly folders: () => readonly string[];
  readonly battery: Battery;
  /** The path of a document on this machine; undefined where it has none. */
  readonly fileOf: (uri: string) => string | undefined;
}

/** Where nothing is completed: what the settings and the text say, and what only the machine knows. */
export interface Manners {
  /** Whether name or language switch Slipstream off in a document: then nothing is done with it at all. */
  isOff(document: Pick<CompletionDocument, 'uri' | 'languageId'>): boolean;
  /**
   * Whether completions are off in a document as a whole.
   * @param isAutomatic nobody has asked for them by hand
   */
  refuseDocument(document: CompletionDocument, isAutomatic: boolean): Refusal | undefined;
  /** Whether they are off at a place: asked before any other work. */
  refuse(document: CompletionDocument, position: Position, isAutomatic: boolean): Refusal | undefined;
  /** Whether a file can be written is looked at again. */
  refresh(uri: string): void;
  /** What is edited can be written, whatever the disk says. */
  edited(uri: string): void;
  forget(uri: string): void;
}

export function createManners({ settings, folders, battery, fileOf }: MannersOptions): Manners {
  /** Of open documents. */
  const readOnly = new Map<string, boolean>();

  function refuseReadOnly(uri: string): Refusal | undefined {
    if (!settings().disable['read-only']) return undefined;
    const known = readOnly.get(uri);
    const file = known === undefined ? fileOf(uri) : undefined;
    const isSo = known ?? (file !== undefined && isReadOnly(file));
    readOnly.set(uri, isSo);
    return isSo
      ? {
          reason: 'read-only',
          message:
            'Completions are off in this file, because it cannot be written; edit it, or set read-only to false in slipstream.disable, to have them.',
        }
      : undefined;
  }

  const refuseBattery = (): Refusal | undefined =>
    settings().disable.battery && battery.isInUse()
      ? {
          reason: 'on-battery',
          message:
            'Completions pause while the machine runs on its battery; Trigger Completion still works, and battery in slipstream.disable turns this off.',
        }
      : undefined;

  const always = (document: CompletionDocument) =>
    refuseDocument(document, settings(), folders()) ?? refuseReadOnly(document.uri);

  return {
    isOff: (document) => refuseByName(document, settings(), folders()) !== undefined,
    refuseDocument: (document, isAutomatic) =>
      always(document) ?? (isAutomatic ? refuseBattery() : undefined),
    refuse: (document, position, isAutomatic) =>
      always(document) ??
      refusePosition(document, position) ??
      refuseScope(document, position, settings()) ??
      (isAutomatic ? refuseBattery() : undefined),
    refresh: (uri) => void readOnly.delete(uri),
    edited: (uri) => void readOnly.set(uri, false),
    forget: (uri) => void readOnly.delete(uri),
  };
}
