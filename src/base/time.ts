// Time without a clock: units, durations and ISO text computed from epoch milliseconds (UTC).

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
export const hoursPerYear = 8_760;

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: secondMs,
  m: minuteMs,
  min: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

/** "90s", "1h30m", "3d", "250ms" in ms; null when the text is not a duration. */
export function tryDuration(text: string): number | null {
  const whole = /^(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d|w))+$/;
  if (!whole.test(text)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * (durationUnits[unit as string] as number);
  }
  return totalMs;
}

/** "1h 05m", "42s", "3d 02h": two units at most. */
export function formatDuration(durationMs: number): string {
  const totalS = Math.max(0, Math.round(durationMs / secondMs));
  const days = Math.floor(totalS / 86_400);
  const hours = Math.floor(totalS / 3_600) % 24;
  const minutes = Math.floor(totalS / 60) % 60;
  const seconds = totalS % 60;
  if (days > 0) return `${days}d ${pad(hours, 2)}h`;
  if (hours > 0) return `${hours}h ${pad(minutes, 2)}m`;
  if (minutes > 0) return `${minutes}m ${pad(seconds, 2)}s`;
  return `${seconds}s`;
}

/** Epoch ms -> "2024-02-28T16:00:00.000Z" (proleptic Gregorian, years 0 to 9999). */
export function isoUtc(tsMs: number): string {
  const days = Math.floor(tsMs / dayMs);
  const inDay = tsMs - days * dayMs;
  const { year, month, day } = civilOfDays(days);
  const hours = Math.floor(inDay / hourMs);
  const minutes = Math.floor(inDay / minuteMs) % 60;
  const seconds = Math.floor(inDay / secondMs) % 60;
  const millis = Math.floor(inDay % 1000);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(millis, 3)}Z`;
}

/** "2024-02-28", "2024-02-28T16:00[:00[.000]]Z" or epoch ms digits -> epoch ms; else null. */
export function tryTime(text: string): number | null {
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?Z?)?$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', millis = '0'] = match;
  const days = daysOfCivil({ year: Number(year), month: Number(month), day: Number(day) });
  const tsMs =
    days * dayMs +
    Number(hours) * hourMs +
    Number(minutes) * minuteMs +
    Number(seconds) * secondMs +
    Number(millis.padEnd(3, '0'));
  return isoUtc(tsMs).startsWith(`${year}-${month}-${day}`) ? tsMs : null;
}

type Civil = { readonly year: number; readonly month: number; readonly day: number };

function civilOfDays(daysSinceEpoch: number): Civil {
  const shifted = daysSinceEpoch + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysOfCivil({ year, month, day }: Civil): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
