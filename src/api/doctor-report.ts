// The answer of `farb doctor --json`: one schema for what is printed and what the documentation
// shows (docs/schemas/doctor.json).
import { z } from 'zod';

const check = z.strictObject({
  /** Whose it is (a venue, where it is about one) and what was looked at. */
  name: z.string(),
  status: z.enum(['ok', 'warn', 'fail']),
  detail: z.string(),
  /** What to do about it; null = nothing. */
  mend: z.string().nullable(),
});

export const doctorReportSchema = z.strictObject({
  /** True: no check failed. */
  ok: z.boolean(),
  checks: z.array(check),
  /** What --fix set, a line each, as it was sent. */
  changed: z.array(z.string()),
});

export type Check = z.infer<typeof check>;
export type DoctorReport = z.infer<typeof doctorReportSchema>;
