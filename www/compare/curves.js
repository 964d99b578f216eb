/** The curves of two runs in one chart each: a solid line and a dashed one, over the same updates. */

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { readPalette } from '../views/palette.js';
import { numberFormat } from '../views/ticks.js';

/** @import {Curves} from '../state/curves.js' */
/** @import {Store} from '../state/store.js' */

/** Height of a chart, CSS pixels. */
const HEIGHT = 120;
/** Dashes of the second run, CSS pixels. */
const DASHES = [6, 4];

/** The numbers of a column with their updates. @param {Curves} curves @param {string} name @returns {[number[], number[]]} */
function points(curves, name) {
  const column = curves.series[curves.columns.indexOf(name)];
  const updates = [];
  const values = [];
  for (let i = 0; column && i < column.length; i++)
    if (Number.isFinite(column[i])) {
      updates.push(curves.series[0][i]);
      values.push(column[i]);
    }
  return [updates, values];
}

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.page
 * @param {string} options.name Of the figure.
 * @param {Store[]} options.runs
 */
export function makeCurves({ element, page, name, runs }) {
  const palette = readPalette(element);
  const text = numberFormat(page.locale.peek());
  const style = { stroke: palette.muted, font: `11px ${palette.font}`, ticks: { show: false } };
  const colours = ['--data', '--model'].map((variable) => getComputedStyle(element).getPropertyValue(variable).trim());
  const chart = new uPlot(
    {
      width: Math.max(120, element.clientWidth),
      height: HEIGHT,
      padding: [6, 18, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false } },
      axes: [
        { ...style, grid: { show: false }, size: 26, values: (_, ticks) => ticks.map(text) },
        {
          ...style,
          grid: { stroke: palette.line, width: 0.5 },
          size: 44,
          gap: 4,
          space: 22,
          values: (_, ticks) => ticks.map(text),
        },
      ],
      series: [
        {},
        ...runs.map((_, i) => ({ stroke: colours[i], width: 1.5, spanGaps: true, dash: i === 0 ? [] : DASHES })),
      ],
    },
    [[], ...runs.map(() => [])],
    element,
  );
  const observer = new ResizeObserver(() =>
    chart.setSize({ width: Math.max(120, element.clientWidth), height: HEIGHT }),
  );
  observer.observe(element);

  return {
    draw() {
      chart.setData(uPlot.join(runs.map((run) => points(run.curves.peek(), name))));
    },

    dispose() {
      observer.disconnect();
      chart.destroy();
    },
  };
}
