import { createServer, type Server, type Socket } from 'node:net';
import type { Channel } from '../channel';
import type { EngineInfo } from '../engine';
import { arrived, type FromWorker, type ToWorker } from '../messages';
import type { Address } from './address';
import { createFrames } from './frames';
import { firstBytes, isProof, newNonce, nonceBytes, proofBytes, proofOf } from './handshake';
import { createSwitchboard, type Switchboard } from './switchboard';

/** What those who attach say, once each side has shown that it knows the token. */
export type ToHost =
  | { readonly type: 'pass-on'; readonly message: ToWorker }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ping' };

export type FromHost = FromWorker | { readonly type: 'pong' };

/** Somebody who holds an address, and will have an engine there or say why not. */
export interface Host {
  /** @returns the engine for this process, which shares it with all others until it is disposed of or dies */
  share(channel: Channel, info: EngineInfo): Channel;
  /** There will be no engine; `why` is told to those who wait for it, or they look elsewhere. */
  close(why?: Extract<FromWorker, { readonly type: 'failed' }>): void;
}

/** Whoever connects and does not show that it knows the token within this time is no window of ours. */
const proofMs = 2000;

/**
 * Listens at an address.
 * @throws Error `EADDRINUSE` where somebody else does
 */
export async function listenAt({ path, token }: Address): Promise<Host> {
  const guests = new Set<Guest>();
  let shared: { readonly board: Switchboard; readonly info: EngineInfo } | undefined;
  const server = createServer((socket) => {
    const guest = receive(socket, token);
    guests.add(guest);
    socket.once('close', () => guests.delete(guest));
    if (shared !== undefined) guest.serve(shared.board, shared.info);
  });
  await listening(server, path);
  server.unref();

  const close = (why?: FromWorker): void => {
    server.close();
    for (const guest of guests) guest.end(why);
  };
  return {
    close,
    share(channel, info) {
      const board = createSwitchboard(channel);
      const own = { ...info, host: process.pid };
      shared = { board, info: own };
      for (const guest of guests) guest.serve(board, own);
      let answer = (_message: FromWorker): void => {};
      const line = board.open((message) => answer(message));
      void channel.died.then(() => close());
      return {
        ...channel,
        askedAt: board.askedAt,
        cancel: line.cancel,
        listen: (listener) => {
          answer = listener;
        },
        post(message) {
          line.post(message);
          if (message.type !== 'dispose') return;
          // The others find another host at once, while this one still ends.
          close();
          channel.post(message);
        },
      };
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // What one connection does wrong ends that one; the address itself has no more errors to tell.
      server.on('error', () => {});
      resolve();
    });
  });
}

interface Guest {
  serve(board: Switchboard, info: EngineInfo): void;
  end(why?: FromWorker): void;
}

/** Somebody at the door: let in when it has shown that it knows the token, and there is an engine. */
function receive(socket: Socket, token: string): Guest {
  let isKnown = false;
  let engine: { readonly board: Switchboard; readonly info: EngineInfo } | undefined;
  let line: ReturnType<Switchboard['open']> | undefined;
  const send = (message: FromHost) => frames.send(message);
  const frames = createFrames(socket, (raw) => {
    const message = raw as ToHost;
    if (message.type === 'ping') send({ type: 'pong' });
    if (message.type === 'pass-on') line?.post(arrived(message.message));
    if (message.type === 'cancel') line?.cancel(message.id);
  });
  const letIn = (): void => {
    if (!isKnown || engine === undefined || line !== undefined || socket.destroyed) return;
    const { board, info } = engine;
    line = board.open(send);
    send({ type: 'ready', info: { ...info, threshold: board.threshold() ?? info.threshold } });
  };

  const late = setTimeout(() => socket.destroy(), proofMs).unref();
  socket.unref();
  socket.on('error', () => {});
  socket.once('close', () => {
    clearTimeout(late);
    line?.hangUp();
  });
  const own = newNonce();
  const challenged = firstBytes(nonceBytes, (nonce) => {
    socket.write(Buffer.concat([proofOf(token, 'host', nonce), own]));
    return firstBytes(proofBytes, (shown) => {
      if (!isProof(shown, token, 'guest', own)) return void socket.destroy();
      clearTimeout(late);
      isKnown = true;
      letIn();
      return frames.read;
    });
  });
  socket.on('data', challenged);
  return {
    serve(board, info) {
      engine = { board, info };
      letIn();
    },
    end(why) {
      if (why !== undefined && isKnown) send(why);
      socket.destroySoon();
    },
  };
}
