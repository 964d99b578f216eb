/**
 * From the manifest and the config to what a panel shows: groups of menus and parameters, at most `FEW` of them in sight.
 */

import { parameters, SECTIONS } from '../state/settings.js';

/** @import {Config, Group, Manifest, Part, SectionName} from '../engine/protocol.js' */
/** @import {Entry} from '../state/settings.js' */

export const GROUPS = /** @type {const} */ (['data', 'energy', 'sampler', 'training']);

/** Controls of a group that are seen before "more". */
export const FEW = 4;

/** Which group the menu of a section stands in; the first menu of a group is in sight. @type {Record<SectionName, Group>} */
const MENU_GROUP = { data: 'data', model: 'energy', sampler: 'sampler', objective: 'training', optimizer: 'training' };

/** @typedef {{kind: 'menu', section: SectionName, parts: Part[]}} Menu */
/** @typedef {{group: Group, seen: (Menu | Entry)[], more: (Menu | Entry)[]}} PanelGroup */

/**
 * @param {Manifest} manifest
 * @param {Config} config
 * @returns {PanelGroup[]}
 */
export function panelGroups(manifest, config) {
  return GROUPS.map((group) => {
    const menus = SECTIONS.filter((section) => MENU_GROUP[section] === group).map((section) => ({
      kind: /** @type {const} */ ('menu'),
      section,
      parts: manifest.sections[section],
    }));
    const entries = parameters(manifest, config).filter(({ param }) => param.group === group);
    const first = [...menus.slice(0, 1), ...entries.filter(({ param }) => param.primary)];
    const rest = [...menus.slice(1), ...entries.filter(({ param }) => !param.primary)];
    return { group, seen: first.slice(0, FEW), more: [...first.slice(FEW), ...rest] };
  });
}
