-- Gives back what a process that stops has claimed and not finished: another repeats it at once, with the same webhook-id. $1 claimed by.
-- Index: webhook_deliveries_in_flight.
update webhook_deliveries set claimed_by = null, claimed_until = null where claimed_until is not null and claimed_by = $1
