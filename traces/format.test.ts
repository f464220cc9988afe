import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { presetSettings } from '../model/index.ts';
import { traceSchema } from './format.ts';

const published = path.join(import.meta.dirname, 'trace.schema.json');

// After a change of the format: npx vitest run traces/format.test.ts --update
it('publishes the schema that files are read with', async () => {
  const schema = z.toJSONSchema(traceSchema, { io: 'input' });
  const titled = { title: 'highwater trace', ...schema };
  const style = await resolveConfig(published);
  const text = await format(JSON.stringify(titled), { ...style, parser: 'json' });
  await expect(text).toMatchFileSnapshot(published);
});

// Files leave out the keys that are as in `--preset suite`: a key that gets another value there needs a migration.
it('takes a Kafka key that a file leaves out as it always was', () => {
  expect(presetSettings('suite')).toMatchInlineSnapshot(`
    {
      "acks": "all",
      "auto.offset.reset": "earliest",
      "batch.size": 1,
      "broker.heartbeat.interval.ms": 2000,
      "broker.rack": "",
      "broker.session.timeout.ms": 9000,
      "buffer.memory": 9007199254740991,
      "client.rack": "",
      "controller.quorum.fetch.timeout.ms": 2000,
      "default.replication.factor": 3,
      "delivery.timeout.ms": 120000,
      "enable.idempotence": false,
      "flush.messages": 9007199254740991,
      "flush.ms": 9007199254740991,
      "leader.imbalance.check.interval.seconds": 300,
      "log.dirs": "/tmp/kafka-logs",
      "max.block.ms": 60000,
      "max.in.flight.requests.per.connection": 1,
      "metadata.max.age.ms": 300000,
      "min.insync.replicas": 2,
      "num.partitions": 1,
      "reconnect.backoff.max.ms": 1000,
      "reconnect.backoff.ms": 50,
      "replica.fetch.backoff.ms": 1000,
      "replica.fetch.wait.max.ms": 500,
      "replica.high.watermark.checkpoint.interval.ms": 5000,
      "replica.lag.time.max.ms": 30000,
      "replica.selector.class": "none",
      "request.timeout.ms": 30000,
      "retries": 2147483647,
      "retry.backoff.max.ms": 1000,
      "retry.backoff.ms": 100,
      "unclean.leader.election.enable": false,
      "unclean.leader.election.interval.ms": 300000,
      "zookeeper.session.timeout.ms": 18000,
    }
  `);
});
