import type { Channel } from '../channel';
import type { FromWorker, ToWorker } from '../messages';

/** One of those who share an engine, as if it had the engine to itself. */
export interface Line {
  post(message: ToWorker): void;
  cancel(id: number): void;
  /** Ends what it has under way, and frees what its documents hold. */
  hangUp(): void;
}

export interface Switchboard {
  /** @param answer told what is for this line alone */
  open(answer: (message: FromWorker) => void): Line;
  /** The threshold of uncertainty that one of the lines has set. */
  threshold(): number | undefined;
  /** When any of the lines has asked for something, by `performance.now()`. */
  askedAt(): number;
}

type Answered = Extract<FromWorker, { readonly id: number }>;

interface Subscriber {
  readonly answer: (message: FromWorker) => void;
  /** Its own number of a request, to the engine's. */
  readonly ids: Map<number, number>;
  readonly sessions: Set<string>;
}

interface Asked {
  readonly subscriber: Subscriber;
  readonly id: number;
}

/**
 * Lets several windows use one engine. Each numbers its requests and names its documents as it likes: two windows may have
 * the same document open with different texts.
 */
export function createSwitchboard(channel: Channel): Switchboard {
  let lastLine = 0;
  let lastId = 0;
  let threshold: number | undefined;
  let askedAt = performance.now();
  const subscribers = new Set<Subscriber>();
  const requests = new Map<number, Asked>();
  /** Questions of monitors, numbered by the engine. */
  const questions = new Map<number, Subscriber>();

  channel.listen((message) => {
    if (message.type === 'dropped') return questions.get(message.question)?.answer(message);
    if ('id' in message) pass(message);
  });

  function pass(message: Answered): void {
    const asked = requests.get(message.id);
    if (message.type === 'asked') ask(message.question, asked);
    else if (message.type !== 'written') {
      requests.delete(message.id);
      asked?.subscriber.ids.delete(asked.id);
    }
    asked?.subscriber.answer({ ...message, id: asked.id });
  }

  function ask(question: number, asked: Asked | undefined): void {
    if (asked === undefined) dismiss(question);
    else questions.set(question, asked.subscriber);
  }

  function dismiss(question: number): void {
    questions.delete(question);
    channel.post({ type: 'told', question, answer: { reason: 'Its window is gone.' } });
  }

  return {
    threshold: () => threshold,
    askedAt: () => askedAt,

    open(answer) {
      const prefix = `${++lastLine}:`;
      const subscriber: Subscriber = { answer, ids: new Map(), sessions: new Set() };
      subscribers.add(subscriber);

      const numbered = (id: number): number => {
        const ours = ++lastId;
        askedAt = performance.now();
        requests.set(ours, { subscriber, id });
        subscriber.ids.set(id, ours);
        return ours;
      };
      const named = (session: string): string => {
        const ours = prefix + session;
        subscriber.sessions.add(ours);
        return ours;
      };

      function translated(message: ToWorker): ToWorker | undefined {
        switch (message.type) {
          case 'complete':
            return { ...message, id: numbered(message.id), request: apart(message.request, prefix, named) };
          case 'prepare':
            return { ...message, request: apart(message.request, prefix, named) };
          case 'refresh':
            return { ...message, id: numbered(message.id), session: named(message.session) };
          case 'score':
            return { ...message, id: numbered(message.id) };
          case 'forget':
            subscriber.sessions.delete(prefix + message.session);
            return { ...message, session: prefix + message.session };
          case 'told':
            return questions.delete(message.question) ? message : undefined;
          case 'threshold':
            threshold = message.threshold;
            for (const other of subscribers) if (other !== subscriber) other.answer(message);
            return message;
          case 'dispose':
            return undefined;
        }
      }

      return {
        post(message) {
          const ours = translated(message);
          if (ours !== undefined) channel.post(ours);
        },
        cancel(id) {
          const ours = subscriber.ids.get(id);
          if (ours !== undefined) channel.cancel(ours);
        },
        hangUp() {
          for (const id of subscriber.ids.values()) {
            channel.cancel(id);
            requests.delete(id);
          }
          for (const [question, asked] of questions) if (asked === subscriber) dismiss(question);
          subscribers.delete(subscriber);
          for (const session of subscriber.sessions) channel.post({ type: 'forget', session });
        },
      };
    },
  };
}

type Request = Extract<ToWorker, { readonly type: 'complete' }>['request'];

/** The same request under names that no other line has. */
function apart(request: Request, prefix: string, named: (session: string) => string): Request {
  const { session, copySources } = request;
  return {
    ...request,
    session: named(session),
    ...(copySources && { copySources: copySources.map((one) => ({ ...one, id: prefix + one.id })) }),
  };
}
