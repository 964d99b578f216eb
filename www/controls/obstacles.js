/** What does not go together, and why. */

/** @import {Config, Manifest, SectionName} from '../engine/protocol.js' */

/**
 * Why a part cannot be chosen beside the rest of the experiment: the last part of a locale key, or null where it can. Of a part
 * that only the whole core knows, what is not told yet is no obstacle.
 * @param {Manifest} manifest @param {Config} config @param {SectionName} section @param {string} id
 */
export function obstacle(manifest, config, section, id) {
  const part = (/** @type {SectionName} */ of) =>
    manifest.sections[of].find((part) => part.id === (of === section ? id : config[of].id));
  const [data, model, objective, sampler] = [part('data'), part('model'), part('objective'), part('sampler')];
  const given = model?.learns === false;
  if (section === 'data' || section === 'model') {
    if (model?.id === 'exact' && data?.hasEnergy === false) return section === 'data' ? 'needsEnergy' : 'noEnergy';
    if (model?.id === 'smoothed' && data?.isMixture === false) return section === 'data' ? 'isNoMixture' : 'noMixture';
  }
  if ((section === 'objective' || section === 'optimizer') && given) return 'nothingToLearn';
  if (section === 'data' || section === 'optimizer' || model?.knowsNoise !== false) return null;
  const asked =
    (section !== 'sampler' && !given && objective?.needsNoise) || (section !== 'objective' && sampler?.needsNoise);
  if (!asked) return null;
  return section === 'model' ? 'knowsNoNoise' : 'needsNoise';
}
