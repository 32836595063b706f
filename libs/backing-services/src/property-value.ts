/** For a file of Java's properties: Kafka reads it as Latin-1, whatever it is written in, and a backslash escapes what follows it. */
export function propertyValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
