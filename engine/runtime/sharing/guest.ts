import { connect, type Socket } from 'node:net';
import { SlipstreamError } from '../../errors';
import type { Channel } from '../channel';
import type { FromWorker } from '../messages';
import type { Address } from './address';
import { createFrames } from './frames';
import { firstBytes, isProof, newNonce, nonceBytes, proofBytes, proofOf } from './handshake';
import type { FromHost, ToHost } from './host';

/** A host that shows no life for so long is given up: its own requests would hang as well. */
const silenceMs = 3000;
const pulseMs = silenceMs / 3;

/** @returns the engine that somebody hosts at an address; nothing where nobody does */
export async function attachTo(address: Address): Promise<Channel | undefined> {
  const socket = await connected(address.path);
  return socket && channelOver(socket, address.token);
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => resolve(socket));
  });
}

function channelOver(socket: Socket, token: string): Channel {
  let listener = (_message: FromWorker): void => {};
  /** What came before anybody listened. */
  const early: FromWorker[] = [];
  let isListening = false;
  let heard = performance.now();

  const frames = createFrames(socket, (raw) => {
    heard = performance.now();
    const message = raw as FromHost;
    if (message.type === 'pong') return;
    if (isListening) listener(message);
    else early.push(message);
  });
  let isTrusted = false;
  const unsent: ToHost[] = [];
  const send = (message: ToHost) => (isTrusted ? frames.send(message) : void unsent.push(message));
  let cause: Error | undefined;
  const died = new Promise<SlipstreamError>((resolve) => {
    socket.once('close', () => resolve(gone(cause)));
  });
  socket.on('error', (error) => {
    cause = error;
  });
  // Nothing is said to, and nothing is read from, somebody who only sits at the address.
  const nonce = newNonce();
  const answered = firstBytes(proofBytes, (shown) => {
    if (!isProof(shown, token, 'host', nonce)) return void socket.destroy();
    return firstBytes(nonceBytes, (theirs) => {
      socket.write(proofOf(token, 'guest', theirs));
      isTrusted = true;
      for (const message of unsent.splice(0)) frames.send(message);
      return frames.read;
    });
  });
  socket.on('data', answered);
  socket.write(nonce);

  let asked = heard;
  const pulse = setInterval(() => {
    const now = performance.now();
    // After a pause of its own, or of the machine, what the host has said meanwhile is not read yet.
    if (now - asked > 2 * pulseMs) heard = now;
    asked = now;
    if (now - heard > silenceMs) return void socket.destroy(new Error(`It was silent for ${silenceMs} ms.`));
    send({ type: 'ping' });
  }, pulseMs).unref();
  void died.then(() => clearInterval(pulse));

  return {
    post(message) {
      if (message.type === 'dispose') return void socket.destroySoon();
      send({ type: 'pass-on', message });
    },
    listen(next) {
      listener = next;
      isListening = true;
      for (const message of early.splice(0)) listener(message);
    },
    cancel: (id) => send({ type: 'cancel', id }),
    end: () => void socket.destroy(),
    async terminate() {
      socket.destroy();
      await died;
    },
    died,
  };
}

function gone(cause: Error | undefined): SlipstreamError {
  const what = cause === undefined ? 'has ended' : 'does not answer any more';
  return new SlipstreamError(
    'host-gone',
    `The window that held the model for all others ${what}; another one takes over.`,
    { cause },
  );
}
