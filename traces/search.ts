/** Looks for what a catalogue entry describes: random walks until it shows, then minimised. */
import { PROPERTIES, WalkCampaign, WITNESSES, type Property, type Witness } from '../properties/index.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Trace } from './format.ts';
import { minimise } from './minimise.ts';
import { recordTrace } from './record.ts';

export interface Search {
  /** Walks that each seed needed, or undefined where its limit was not enough. */
  readonly needed: readonly (number | undefined)[];
  /** The shortest minimised run over all seeds. */
  readonly trace: Trace | undefined;
}

/** A witness as something to look for: it "breaks" at the step where the witness is met. */
function lookingFor({ id, says, on, met }: Witness): Property {
  return {
    id,
    kind: 'promise',
    promise: `Nobody promises the opposite: ${says}.`,
    source: '',
    vacuousWithout: [],
    onEvents: [on],
    onChange: [],
    check: (moment) =>
      moment.events.some((event) => event.type === on && met(event, moment)) ? { says } : undefined,
  };
}

/** What a search for this entry looks at. */
function target(entry: CatalogEntry): Property {
  if (entry.property === null) {
    const witness = WITNESSES.find(({ id }) => id === entry.witness);
    if (witness !== undefined) return lookingFor(witness);
    throw new Error(`no way to look for ${entry.name}`);
  }
  const property = PROPERTIES.find(({ id }) => id === entry.property);
  if (property === undefined) throw new Error(`${entry.name} names no property: ${entry.property}`);
  return property;
}

/** Searches with each seed, at most `limit` walks; `mayContinue` is asked after each seed. */
export function searchEntry(
  entry: CatalogEntry,
  seeds: readonly number[],
  limit: number,
  mayContinue: () => boolean = () => true,
): Search {
  const property = target(entry);
  const needed: (number | undefined)[] = [];
  let trace: Trace | undefined;
  for (const seed of seeds) {
    const campaign = new WalkCampaign({
      settings: entry.settings,
      properties: [property],
      seed,
      actions: entry.actions,
      tolerated: new Set(),
    });
    let walks = 0;
    let found = campaign.run(walks++);
    while (found === undefined && walks < limit) found = campaign.run(walks++);
    needed.push(found === undefined ? undefined : walks);
    if (found !== undefined) {
      const smallest = minimise(entry.settings, found.actions, property);
      if (trace === undefined || smallest.after < trace.actions.length) {
        trace = recordTrace(smallest.settings, smallest.actions, {
          name: entry.name,
          note: entry.title,
          ...(entry.property === null ? {} : { property: entry.property }),
          schedule: { driver: 'walk', seed, run: found.run },
          minimal: smallest.minimal,
        });
      }
    }
    if (!mayContinue()) break;
  }
  return { needed, trace };
}
