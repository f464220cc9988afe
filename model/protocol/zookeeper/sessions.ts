/** Ephemeral znodes: they come with the registration of a broker and go with its session. */
import { at, type Draft } from '../draft.ts';
import type { Registration } from '../state/metadata.ts';
import { NO_CONTROLLER } from './state.ts';

function writeRegistration(draft: Draft, broker: number, change: Partial<Registration>): void {
  const image = draft.newestImage();
  const registrations = image.registrations.slice();
  registrations[broker] = { ...at(image.registrations, broker), ...change };
  draft.writeZnodes({ ...image, registrations });
}

/** A znode under `/brokers/ids`; its czxid, the broker epoch, is higher than that of any before. */
export function registerBroker(draft: Draft, broker: number): void {
  const { registrations } = draft.newestImage();
  const epoch = registrations.reduce((highest, known) => Math.max(highest, known.epoch), 0) + 1;
  const process = draft.process(broker);
  writeRegistration(draft, broker, { epoch, incarnation: process.incarnation, fenced: false });
  const status = process.status === 'starting' ? 'running' : process.status;
  draft.setProcess(broker, { ...process, status, brokerEpoch: epoch });
  draft.emit({ type: 'broker-registered', broker, unclean: false });
  draft.emit({ type: 'broker-unfenced', broker });
}

/** The session is over: the znode of the broker goes, and `/controller` if it is its. */
export function closeSession(draft: Draft, broker: number): void {
  writeRegistration(draft, broker, { fenced: true });
  if (draft.zookeeper.controller === broker) {
    draft.zookeeper = { ...draft.zookeeper, controller: NO_CONTROLLER };
  }
  draft.emit({ type: 'broker-fenced', broker });
}
