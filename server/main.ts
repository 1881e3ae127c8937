/** `dist/server.js`: a language server over stdio, node IPC, a socket or a pipe, as the arguments say. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

startServer(createConnection(ProposedFeatures.all));
