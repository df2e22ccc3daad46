import type { z } from 'zod';
import { GclabError } from '../../errors.js';

/** What a tool printed as JSON, in the shape that is expected of it. Rejects with `tool-answer`. */
export function parseAnswer<T>(schema: z.ZodType<T>, text: string, tool: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new GclabError({
      code: 'tool-answer',
      doing: `reading what ${tool} says`,
      what: 'it is not the JSON that was expected',
      hint: `this gclab may not know your version of ${tool}`,
      cause,
    });
  }
}
