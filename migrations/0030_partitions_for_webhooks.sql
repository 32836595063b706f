-- The relay goes by the number of partitions that fleet.alerts was made with, as every other app that reads Postgres does.
grant select on kafka_topics to milepost_webhooks;
