// The HTTP API of a running system: health, status and commands. Queries and commands are handed
// in; no answer carries a key, a secret or the token. Commands need the token of this run.
import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import type { Health, SystemPort } from './contract.ts';

/** A command is a few bytes. */
const bodyBytesMax = 4_096;
/** A client that stays silent for so long is let go (wall). */
const requestMsMax = 10_000;

export interface ApiOptions {
  /** Null while the system is starting. */
  readonly system: () => SystemPort | null;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Where the port is configured, for the message when it is taken. */
  readonly portSetting: string;
}

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

const commandSchema = z.strictObject({
  command: z.enum(['halt', 'halt-flatten', 'flatten', 'resume', 'wind-down', 'acknowledge']),
  by: z.string().min(1).max(60).default('api'),
});

/** Serves /health, /health/ready, /api/status and POST /api/commands. */
export async function startApi(
  options: ApiOptions & { readonly token: string },
): Promise<RunningServer> {
  const app = jsonServer();
  const { system, token } = options;
  const health = (): Health =>
    system()?.status().health ?? { live: true, ready: false, reasons: ['starting'] };
  app.get('/health', () => health());
  app.get('/health/live', () => ({ live: true }));
  app.get('/health/ready', (_request, reply) => {
    const { ready, reasons } = health();
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });
  app.get('/api/status', (_request, reply) => {
    const running = system();
    if (running === null) return reply.code(503).send(problem('starting', 'not started yet'));
    return running.status();
  });
  app.post('/api/commands', (request, reply) => {
    if (!isAuthorized(request.headers.authorization, token)) {
      const text = 'send the token of control.json as "Authorization: Bearer <token>"';
      return reply.code(401).send(problem('unauthorized', text));
    }
    const parsed = commandSchema.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const text = `${issue?.path.join('.') || 'body'}: ${issue?.message}`;
      return reply.code(400).send(problem('bad-command', text));
    }
    const running = system();
    if (running === null) return reply.code(503).send(problem('starting', 'not started yet'));
    running.command(parsed.data.command, parsed.data.by);
    return reply.code(202).send({ accepted: parsed.data.command, risk: running.status().risk });
  });
  return listen(app, options);
}

/** A server whose every answer is JSON, the errors too. */
export function jsonServer(): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    forceCloseConnections: true,
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    return reply.code(404).send(problem('not-found', `no ${request.method} ${path} here`));
  });
  app.setErrorHandler((error: { statusCode?: number; message?: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    // Of our own failures the caller gets no details: they may quote anything.
    const text = status < 500 ? (error.message ?? 'bad request') : 'internal error';
    return reply.code(status).send(problem(status < 500 ? 'bad-request' : 'internal', text));
  });
  return app;
}

/** A taken port is the user's to mend: exit 2, one line. */
export async function listen(app: FastifyInstance, options: ApiOptions): Promise<RunningServer> {
  const { host, port, portSetting } = options;
  try {
    const url = await app.listen({ host, port });
    return { url, stop: () => app.close() };
  } catch (thrown) {
    const code = (thrown as { code?: unknown }).code; // Node's own errors carry one
    const why =
      code === 'EADDRINUSE'
        ? 'is in use'
        : code === 'EACCES'
          ? 'needs more rights'
          : `cannot be opened (${messageOf(thrown)})`;
    throw new UserError(
      `${portSetting}: port ${port} on ${host} ${why}. Stop the other program or set another port.`,
    );
  }
}

function problem(error: string, message: string) {
  return { error, message };
}

function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
