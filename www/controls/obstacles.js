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
  const now = manifest.sections.data.find((part) => part.id === config.data.id)?.space;
  // Points of another space bring what is usual for them along.
  if (section === 'data' && data?.space !== now) return null;
  const spaces = section === 'data' ? undefined : part(section)?.spaces;
  if (now && spaces && !spaces.includes(now)) return `of.${spaces.join('-')}`;
  // A model that is not used with rules and samplers of others brings its own along …
  const latent = (/** @type {typeof model} */ of) => section === 'model' && /^latent|^pairs/.test(of?.knows ?? '');
  if (latent(model)) return null;
  if (section === 'data' || section === 'model') {
    if (model?.id === 'exact' && data?.hasEnergy === false) return section === 'data' ? 'needsEnergy' : 'noEnergy';
    if (['smoothed', 'diffused'].includes(String(model?.id)) && data?.isMixture === false)
      return section === 'data' ? 'isNoMixture' : 'noMixture';
  }
  // … and they go with it.
  const chosen = manifest.sections.model.find((part) => part.id === config.model.id);
  if (latent(chosen) && model?.hasEnergy !== false) return null;
  if ((section === 'objective' || section === 'optimizer') && given) return 'nothingToLearn';
  if (section === 'optimizer') return null;
  const rule = given ? null : objective?.needs;
  const scored = model?.hasEnergy === false;
  if (scored && section !== 'data') {
    // A model that has a score and no energy goes with rules of every noise level and with samplers that follow slopes.
    const ruleAsks = section !== 'sampler' && !given && objective && rule !== 'noise';
    const samplerAsks = section !== 'objective' && sampler?.needsEnergy;
    if (ruleAsks || samplerAsks) return section === 'model' ? 'hasNoEnergy' : 'asksForEnergy';
  }
  if (rule === 'classes' && section !== 'sampler') {
    const has = data?.classes ?? Number.NaN;
    if (has < 2) return section === 'data' ? 'hasNoClasses' : 'noClasses';
    if (section === 'data' && has > Number(config.model.classes)) return 'hasMoreClasses';
  }
  if (section === 'data') return null;
  if (rule === 'latentEnergy' && model?.knows === rule && sampler?.needs !== rule)
    return section === 'sampler' ? 'latentChains' : 'needs.latentChains';
  // A rule is judged by its own needs, and a sampler by its own; a model by those of both.
  const asked = [section === 'sampler' ? null : rule, section === 'objective' ? null : sampler?.needs];
  const missing = asked.find((need) => need && model && need !== model.knows);
  if (!missing) return null;
  return `${section === 'model' ? 'knowsNo' : 'needs'}.${missing}`;
}
