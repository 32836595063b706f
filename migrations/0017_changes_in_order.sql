-- Changes of groups, geofences and policies lock in one order, before any row: fences, then policies. None waits for another that waits for it, and
-- whoever opens an alert for a geofence can hold off its change until that alert can be seen.

-- A fence is crossed by what was recorded since then alone: since it was made, or turned on again.
alter table geofences add column armed_at timestamptz(3) not null default now();
update geofences set armed_at = created_at;

create function rearm_geofence() returns trigger
  language plpgsql
  set search_path = pg_catalog, public
as $$
begin
  new.armed_at := now();
  return new;
end
$$;
create trigger rearm_geofence before update of enabled on geofences for each row when (new.enabled and not old.enabled) execute function rearm_geofence();

-- Both are held until the commit. The second number is taken once more where a change is numbered (0007).
create function lock_fences() returns trigger
  language plpgsql
  set search_path = pg_catalog, public
as $$
begin
  perform pg_advisory_xact_lock(7303028);
  return null;
end
$$;
create function lock_policies() returns trigger
  language plpgsql
  set search_path = pg_catalog, public
as $$
begin
  perform pg_advisory_xact_lock(7303026);
  return null;
end
$$;
create function lock_fences_and_policies() returns trigger
  language plpgsql
  set search_path = pg_catalog, public
as $$
begin
  perform pg_advisory_xact_lock(7303028);
  perform pg_advisory_xact_lock(7303026);
  return null;
end
$$;
-- The first of their names: before whatever else a statement does.
create trigger a_lock before update or delete on geofences for each statement execute function lock_fences();
create trigger a_lock before insert or update or delete on alert_policies for each statement execute function lock_policies();
create trigger a_lock before insert or update or delete on alert_mutes for each statement execute function lock_policies();
create trigger a_lock before insert or delete on vehicle_group_members for each statement execute function lock_fences_and_policies();
create trigger a_lock before delete on vehicle_groups for each statement execute function lock_fences_and_policies();

-- What a vehicle has open for a fence of a group that it leaves is looked at again, as where the fence itself goes.
create function recheck_left_group() returns trigger
  language plpgsql security definer
  set search_path = pg_catalog, public
as $$
begin
  insert into public.condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
  select distinct l.organisation_id, l.vehicle, now(), now(), 0, '{"kind":"recheck"}'::jsonb
    from left_group l
    join public.alerts a on a.vehicle = l.vehicle
   where a.type in ('geofence_enter', 'geofence_exit')
     and a.status <> 'resolved';
  return null;
end
$$;
create trigger recheck_left_group after delete on vehicle_group_members
  referencing old table as left_group for each statement execute function recheck_left_group();
