/** What the panel of a model of pairs is about. */

/** @import {Store} from '../state/store.js' */

/** What its figures are of: a network, its data and the rule that makes views, whatever the anchor. @param {Store} store */
export function runOf({ config, brought }) {
  const { data, model, seed, objective } = config.value ?? {};
  const { anchor, anchorX, anchorY, temperature, confinement, ...network } = /** @type {Record<string, unknown>} */ (
    model ?? {}
  );
  return JSON.stringify([data, network, seed, objective?.id, brought.value]);
}

/** Whether the rule makes views. @param {Store} store */
export const makesViews = ({ manifest, config }) =>
  manifest.value?.sections.objective.find(({ id }) => id === config.value?.objective.id)?.needs === 'pairs';
