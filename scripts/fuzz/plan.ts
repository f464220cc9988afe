/** What a campaign is, as data: every thread builds the same sources of runs from it. */
import { PROPERTIES, runsOf, type Campaign, type Driver, type RunSource } from '../../properties/index.ts';

export interface CampaignPlan extends Pick<Campaign, 'settings' | 'seed' | 'actions' | 'tolerated'> {
  /** Who take turns. */
  readonly drivers: readonly Driver[];
}

/** One for each driver, in their order. Throws a RangeError where the settings make no configuration. */
export function sourcesOf({ drivers, ...campaign }: CampaignPlan): readonly RunSource[] {
  return drivers.map((driver) => ({
    driver,
    runs: runsOf(driver, { ...campaign, properties: PROPERTIES }),
  }));
}
