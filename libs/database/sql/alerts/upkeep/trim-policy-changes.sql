-- Forgets changes of policies that nothing asks for any more: of each target the newest from before $1 days is kept, unless it took back what was said.
-- None is forgotten that a snapshot of presence still reads on from, so that a backtest has the policies of every batch; nor the last of all. $2 rows at most,
-- the oldest first: what was taken back goes with, or behind, what was said before it. Index: policy_changes_pkey.
with settled as (
  select least(
           coalesce((select id from policy_changes where at < now() - $1::int * interval '1 day' order by id desc limit 1), 0),
           (select min(policy_version) from presence_snapshots),
           (select max(id) - 1 from policy_changes)
         ) as id
), placed as (
  select c.id,
         lead(c.id) over (partition by
           change ->> 'kind',
           case change ->> 'kind'
             when 'policy' then change ->> 'scope'
             when 'member' then change ->> 'groupId'
             when 'mute' then change ->> 'id'
           end,
           case when change ->> 'kind' = 'member' or change ->> 'scope' = 'vehicle' then change ->> 'vehicle'
                when change ->> 'kind' = 'policy' and change ->> 'scope' = 'group' then change ->> 'groupId'
                when change ->> 'kind' = 'policy' then change ->> 'organisationId'
           end
           order by c.id) is not null as was_replaced,
         coalesce(change -> 'settings' = 'null'::jsonb or change ->> 'member' = 'false' or change ->> 'removed' = 'true', false) as is_taken_back
    from policy_changes c
    join settled s on c.id <= s.id
)
delete from policy_changes
 where id in (select id from placed where was_replaced or is_taken_back order by id limit $2)
