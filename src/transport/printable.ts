/** A server's text without what a terminal would act on, at most 500 characters of it. */
export function printable(text: string): string {
  return text
    .slice(0, 500)
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '');
}
