// Makers of the doctor's findings.
import type { Check } from '../api/doctor-report.ts';

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, mend: null };
}
export function warn(name: string, detail: string, mend: string): Check {
  return { name, status: 'warn', detail, mend };
}
export function fail(name: string, detail: string, mend: string): Check {
  return { name, status: 'fail', detail, mend };
}
