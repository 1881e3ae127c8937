import ts from 'typescript';
import type { Projects } from '../../monitors/typescript/project';
import type { Compiler } from './judge';
import type { Token } from './scan';

/** "Property does not exist on type", and with "did you mean". */
const noMember = new Set([2339, 2551]);

/** TypeScript's own errors, of the whole file. */
export const typescriptCompiler = (projects: Projects): Compiler => ({
  findings(fileName, text) {
    const service = projects.analyse(fileName, text)?.service;
    if (service === undefined) return [];
    const errors = [
      ...service.getSyntacticDiagnostics(fileName),
      ...service.getSemanticDiagnostics(fileName),
    ];
    return errors.map(({ code, messageText, start = -1 }) => ({
      error: `${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      start,
      isNoMember: noMember.has(code),
    }));
  },
  scan(text) {
    const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
    const tokens: Token[] = [];
    for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
      tokens.push({ text: scanner.getTokenText(), isIdentifier: kind >= ts.SyntaxKind.Identifier });
    }
    return tokens;
  },
});
