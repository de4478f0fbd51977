// The result of an operation in Bybit's terms, before it becomes a REST envelope or a socket reply.
export type Answer =
  | { readonly ok: true; readonly result: unknown; readonly extra?: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string };

export type Refused = Extract<Answer, { readonly ok: false }>;

export function done(result: unknown, extra?: unknown): Answer {
  return extra === undefined ? { ok: true, result } : { ok: true, result, extra };
}

export function refused(code: number, message: string): Refused {
  return { ok: false, code, message };
}

/** A wrong parameter of any kind. */
export function badParams(message: string): Refused {
  return refused(10001, `params error: ${message}`);
}

/** The envelope of every REST reply. */
export function envelope(answer: Answer, timeMs: number): string {
  return JSON.stringify({
    retCode: answer.ok ? 0 : answer.code,
    retMsg: answer.ok ? 'OK' : answer.message,
    result: answer.ok ? answer.result : {},
    retExtInfo: answer.ok ? (answer.extra ?? {}) : {},
    time: timeMs,
  });
}
