import Type, { type Static } from 'typebox';
import { eventTypes } from './event.js';
import { instant } from './fields.js';

/** An event as the feed has it. `body` is what a native webhook of it carries, byte for byte, before a large one is cut. */
export const FeedEventSchema = Type.Object({
  id: Type.String({ description: 'The webhook-id' }),
  type: Type.Enum([...eventTypes]),
  at: instant,
  body: Type.String({
    description:
      'JSON of the shape Event, as text: byte for byte what a native webhook of it carries (which is cut over 256 KiB; this is not). A signature is made over these bytes, and an object would not keep them',
  }),
});
export type FeedEvent = Static<typeof FeedEventSchema>;

/** Always with the place behind the last event that was looked at: an empty page is no end. */
export const EventFeedSchema = Type.Object({ items: Type.Array(FeedEventSchema), nextCursor: Type.String() });
export type EventFeed = Static<typeof EventFeedSchema>;
