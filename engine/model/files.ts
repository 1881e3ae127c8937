import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { SlipstreamError } from '../errors';

/** What a person can do about a damaged model folder; the tail of many messages. */
export const downloadAgain = 'download the model again or choose another model folder';

/** Turns a file-system failure on a model file into the error that names the file and the remedy. */
export function modelFileError(path: string, cause: unknown): SlipstreamError {
  const code = systemCode(cause);
  const at = `${basename(path)} in ${dirname(path)}`;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SlipstreamError(
      'model-missing',
      `Cannot load the model because there is no ${at}; choose a folder that holds config.json, tokenizer.json and .safetensors files.`,
      { cause },
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new SlipstreamError(
      'model-unreadable',
      `Cannot load the model because this user may not read ${at}; grant read permission on the folder and its files.`,
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SlipstreamError(
    'model-unreadable',
    `Cannot load the model because reading ${at} failed (${reason}); check the disk or choose another model folder.`,
    { cause },
  );
}

export function systemCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

export function corrupt(path: string, problem: string, cause?: unknown): SlipstreamError {
  return new SlipstreamError(
    'model-corrupt',
    `Cannot load the model because ${basename(path)} in ${dirname(path)} ${problem}; ${downloadAgain}.`,
    { cause },
  );
}

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a UTF-8 file; undefined where `optional` and the file is absent. */
export async function readText(path: string): Promise<string>;
export async function readText(path: string, need: 'optional'): Promise<string | undefined>;
export async function readText(path: string, need?: 'optional'): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (need === 'optional' && systemCode(cause) === 'ENOENT') return undefined;
    throw modelFileError(path, cause);
  }
}

/** Reads a JSON file whose top level is an object; undefined where `optional` and the file is absent. */
export async function readJson(path: string): Promise<JsonObject>;
export async function readJson(path: string, need: 'optional'): Promise<JsonObject | undefined>;
export async function readJson(path: string, need?: 'optional'): Promise<JsonObject | undefined> {
  const text = need === undefined ? await readText(path) : await readText(path, need);
  return text === undefined ? undefined : parseJsonObject(path, text);
}

export function parseJsonObject(path: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, 'is not valid JSON', cause);
  }
  if (!isObject(value)) throw corrupt(path, 'does not hold a JSON object');
  return value;
}
