/** What does not go together, and why. */

/** @import {Config, Manifest, SectionName} from '../engine/protocol.js' */

/**
 * Why a part cannot be chosen beside the rest of the experiment: the last part of a locale key, or null where it can.
 * @param {Manifest} manifest @param {Config} config @param {SectionName} section @param {string} id
 */
export function obstacle(manifest, config, section, id) {
  const hasEnergy = (/** @type {string} */ data) => manifest.sections.data.find((part) => part.id === data)?.hasEnergy;
  const given = config.model.id === 'exact';
  if (section === 'model' && id === 'exact' && !hasEnergy(config.data.id)) return 'noEnergy';
  if (section === 'data' && given && !hasEnergy(id)) return 'needsEnergy';
  if ((section === 'objective' || section === 'optimizer') && given) return 'nothingToLearn';
  return null;
}
