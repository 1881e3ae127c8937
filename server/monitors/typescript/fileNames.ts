import { fileURLToPath } from 'node:url';

/**
 * The compiler's name of a document, on Windows `c:/repo/a.ts`: it asks for texts under names with forward slashes, whatever
 * it was given. The drive letter is lower-case, as VS Code writes it.
 * @param isWindows whether files are named as on Windows
 * @returns undefined where the document is no file of this machine
 */
export function fileNameOf(uri: string, isWindows = process.platform === 'win32'): string | undefined {
  try {
    const fileName = fileURLToPath(uri, { windows: isWindows });
    return isWindows
      ? fileName.replaceAll('\\', '/').replace(/^[A-Z]:/, (drive) => drive.toLowerCase())
      : fileName;
  } catch {
    return undefined;
  }
}
