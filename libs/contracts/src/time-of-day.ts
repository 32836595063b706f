import Format from 'typebox/format';

/** Local time on a clock of 24 hours, HH:MM. */
export const timeOfDayPattern = '^([01]\\d|2[0-3]):[0-5]\\d$';
const timeOfDay = new RegExp(timeOfDayPattern);

/** Whether this is a name of the IANA time zone database that this process knows. */
export function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

Format.Set('time-of-day', (text) => timeOfDay.test(text));
Format.Set('time-zone', isTimeZone);
