-- Forgets how many vehicles of a presence partition are connected where: whoever reads its state counts anew. $1 partition.
-- Index: connected_vehicles_partition.
delete from connected_vehicles where presence_partition = $1
