import * as z from '../zod.js';

const guestErrorSchema = z.object({
  code: z.string().max(64),
  message: z.string().max(10_000),
  hint: z.string().max(10_000).default(''),
});
/** What gcexp says when it cannot start or go on. */
export type GuestError = z.infer<typeof guestErrorSchema>;

/** One line of gcexp's JSON errors; something readable too when it is none. */
export function parseGuestError(text: string): GuestError {
  try {
    return guestErrorSchema.parse(JSON.parse(text));
  } catch {
    return {
      code: 'failed',
      message: text.trim().slice(0, 2_000) || 'gcexp failed without a word',
      hint: '',
    };
  }
}
