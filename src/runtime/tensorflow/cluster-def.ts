import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** The processes of a cluster, and which of them this one is. */
export interface ClusterPlace {
  /** Their addresses, `host:port`; the first is the chief's. */
  readonly workers: readonly string[];
  readonly index: number;
  /** Seconds that a process other than the first waits for all to come. */
  readonly joinSeconds: number;
  /** Seconds without a sign of life after which a process is taken for dead. */
  readonly heartbeatSeconds: number;
}

const JOB = 'worker';
const CHIEF = `/job:${JOB}/replica:0/task:0`;
const [VARINT, BYTES] = [0, 2];

function message(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

/**
 * ConfigProto.Experimental of config.proto: collective_group_leader, coordination_config. CoordinationServiceConfig of
 * coordination_config.proto: service_type, service_leader, cluster_register_timeout_in_ms, heartbeat_timeout_in_ms, coordinated_job_list.
 */
export const clusterConfig = ({ workers, joinSeconds, heartbeatSeconds }: ClusterPlace): Uint8Array =>
  message((config) => {
    config.tag(1, BYTES).string(CHIEF);
    const job = message((entry) => entry.tag(1, BYTES).string(JOB).tag(2, VARINT).int32(workers.length));
    const service = message((entry) => {
      entry.tag(1, BYTES).string('standalone').tag(2, BYTES).string(CHIEF);
      entry.tag(4, VARINT).int64(Math.round(1000 * joinSeconds));
      entry.tag(5, VARINT).int64(Math.round(1000 * heartbeatSeconds));
      entry.tag(10, BYTES).bytes(job);
    });
    config.tag(23, BYTES).bytes(service);
  });

/** ServerDef of tensorflow_server.proto: cluster, job_name, task_index, default_session_config, protocol. `config`: the context's. */
export const serverDef = ({ workers, index }: ClusterPlace, config: Uint8Array): Uint8Array => {
  const job = message((entry) => {
    entry.tag(1, BYTES).string(JOB);
    for (const [i, address] of workers.entries())
      entry.tag(2, BYTES).bytes(message((task) => task.tag(1, VARINT).int32(i).tag(2, BYTES).string(address)));
  });
  const cluster = message((entry) => entry.tag(1, BYTES).bytes(job));
  return message((server) => {
    server.tag(1, BYTES).bytes(cluster).tag(2, BYTES).string(JOB).tag(3, VARINT).int32(index);
    server.tag(4, BYTES).bytes(config).tag(5, BYTES).string('grpc');
  });
};
