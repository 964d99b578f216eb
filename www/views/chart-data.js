/** Curves as the charts draw them: which columns share a chart, and the part of the run that is shown. */

/** @import {Curves} from '../state/curves.js' */

/** @typedef {{id: string, columns: string[]}} Group A small chart. */
/** @typedef {'all' | 'recent'} Span */

/** Charts of columns with names known beforehand; every other column is the loss or a part of it. @type {Group[]} */
const KNOWN = [
  { id: 'nll', columns: ['nll', 'negativeElbo', 'entropy', 'noiseFit'] },
  { id: 'kl', columns: ['kl'] },
  { id: 'energies', columns: ['energyData', 'energyModel'] },
];
/** Columns that other views show. */
const ELSEWHERE = new Set([
  'update',
  'gradientNorm',
  'acceptance',
  'stepSize',
  'temperature',
  'logZ',
  'gap',
  'borderMass',
]);
/** Updates that a chart of the recent past spans. */
const RECENT = 500;

/**
 * The charts of a run, those without a single number left out.
 * @param {Curves} curves
 * @returns {Group[]}
 */
export function chartGroups(curves) {
  const filled = curves.columns.filter((_, c) => curves.series[c].some(Number.isFinite));
  const claimed = new Set(KNOWN.flatMap((g) => g.columns));
  const loss = filled.filter((name) => !claimed.has(name) && !ELSEWHERE.has(name));
  // The loss itself comes first, then its parts.
  loss.sort((a, b) => Number(b === 'loss') - Number(a === 'loss'));
  const known = KNOWN.map((g) => ({ id: g.id, columns: g.columns.filter((name) => filled.includes(name)) }));
  return [{ id: 'loss', columns: loss }, ...known].filter((g) => g.columns.length > 0);
}

/**
 * What uPlot draws for a group: updates, then one array a column; null where a number is missing.
 * @param {Curves} curves
 * @param {Group} group
 * @param {{span: Span, logarithmic: boolean}} options
 * @returns {[number[], ...(number | null)[][]]}
 */
export function chartData(curves, group, { span, logarithmic }) {
  const updates = curves.series[0] ?? [];
  const least = Math.max(logarithmic ? 1 : 0, span === 'recent' ? (updates.at(-1) ?? 0) - RECENT : 0);
  let from = updates.findIndex((u) => u >= least);
  if (from < 0) from = updates.length;
  const columns = group.columns.map((name) => {
    const column = curves.series[curves.columns.indexOf(name)];
    return Array.from(column.subarray(from), (v) => (Number.isFinite(v) ? v : null));
  });
  return [Array.from(updates.subarray(from)), ...columns];
}

/**
 * The newest number of a column, or null.
 * @param {Curves} curves
 * @param {string} name
 */
export function newest(curves, name) {
  const column = curves.series[curves.columns.indexOf(name)];
  for (let i = (column?.length ?? 0) - 1; i >= 0; i--) if (Number.isFinite(column[i])) return column[i];
  return null;
}
