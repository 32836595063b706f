-- The log of policy changes is trimmed behind everything that is kept of presence: alerts does so.
grant delete on policy_changes to milepost_alerts;
