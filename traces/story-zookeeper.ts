/** What the actions of ZooKeeper mode are called in plain English. */
import { broker, message, number, party, type Deed } from './deed.ts';
import { brokerList } from './words.ts';

const leads = (leader: number): string => (leader < 0 ? 'nobody leads' : `broker ${leader} leads`);

const handles =
  (what: (deed: Deed) => string) =>
  (deed: Deed): string =>
    `${party(deed, 'to')} gets from controller ${number(deed.action, 'from')} ${what(deed)}`;

const repeats =
  (what: string) =>
  (deed: Deed): string =>
    `controller ${number(deed.action, 'from')} sends its ${what} to ${party(deed, 'to')} again; the first copy is still under way`;

/** The controller whom a broker asks for its controlled shutdown. */
const asked = ({ before }: Deed): string => `${before.zookeeper?.controller ?? '?'}`;

export const ZOOKEEPER_DEEDS: Readonly<Record<string, (deed: Deed) => string>> = {
  'handle-leader-and-isr': handles((deed) => {
    const told = message(deed, 'LeaderAndIsr');
    if (told === undefined) return 'a LeaderAndIsr';
    return `that ${leads(told.leader)} in epoch ${told.leaderEpoch} with ISR ${brokerList(told.isr)}`;
  }),
  'handle-update-metadata': handles((deed) => {
    const told = message(deed, 'UpdateMetadata');
    if (told === undefined) return 'an UpdateMetadata';
    return `the news that ${brokerList(told.live)} are alive and ${leads(told.leader)} (epoch ${told.leaderEpoch})`;
  }),
  'handle-stop-replica': handles(() => 'the order to stop its replica'),
  'register-in-zookeeper': (deed) => `${broker(deed)} registers in ZooKeeper`,
  'stop-and-close-session': (deed) => `${broker(deed)} flushes its log, stops cleanly and closes its session`,
  'zookeeper-session-expires': (deed) => `the ZooKeeper session of ${broker(deed)} expires`,
  'handle-alter-isr': (deed) => `${party(deed, 'to')} handles the ISR change of ${party(deed, 'from')}`,
  'ask-for-controlled-shutdown': (deed) =>
    `${broker(deed)} asks controller ${asked(deed)} for its controlled shutdown`,
  'notice-broker-change': (deed) =>
    `controller ${number(deed.action, 'controller')} looks which brokers have come or gone`,
  'become-controller': (deed) => `${broker(deed)} becomes the controller and tells everybody`,
  'resign-as-controller': (deed) =>
    `${broker(deed)} hears that another broker is the controller, and resigns`,
  'move-to-preferred-leader': (deed) =>
    `controller ${number(deed.action, 'controller')} elects the preferred leader`,
  'delete-controller-znode': () => 'the /controller znode is deleted',
  'repeat-leader-and-isr': repeats('LeaderAndIsr'),
  'repeat-update-metadata': repeats('UpdateMetadata'),
  'repeat-stop-replica': repeats('StopReplica'),
};
