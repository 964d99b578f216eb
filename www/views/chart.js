/**
 * The curves of a run: small charts over one another with one axis of updates, each headed by its names and their newest
 * numbers, which become those under the cursor while one points at a chart.
 */

import { effect } from '@preact/signals-core';
import { html, nothing, render } from 'lit';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { chartData, chartGroups, newest } from './chart-data.js';
import { readPalette } from './palette.js';
import { numberFormat } from './ticks.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Group, Span} from './chart-data.js' */

/** Milliseconds between two drawings while the clock runs. */
const PAUSE = 200;
/** Heights of a chart, CSS pixels: as the page has room. The last one also carries the axis. */
const HEIGHT = { least: 48, most: 140 };
const AXIS = 26;
/** Between the sections, CSS pixels. */
const GAP = 4;

/** @typedef {{group: Group, element: HTMLElement, head: HTMLElement, chart: uPlot}} Small */

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 */
export function makeChart({ element, store }) {
  element.classList.add('charts');
  const bar = document.createElement('div');
  bar.className = 'charts-bar';
  const body = document.createElement('div');
  body.className = 'charts-body';
  element.append(bar, body);

  /** @type {Small[]} */
  let small = [];
  let shape = '';
  let drawn = 0;
  let timer = 0;
  /** @type {{span: Span, logarithmic: boolean}} */
  let options = { span: 'all', logarithmic: false };
  const cursor = uPlot.sync('curves');

  const clear = () => {
    for (const s of small) s.chart.destroy();
    small = [];
    body.replaceChildren();
  };

  const draw = () => {
    timer = 0;
    drawn = performance.now();
    const width = body.clientWidth;
    if (width === 0) return;
    const curves = store.curves.peek();
    const groups = chartGroups(curves);
    const wanted = JSON.stringify([groups, options, store.theme.peek(), store.locale.peek()]);
    if (wanted !== shape) {
      shape = wanted;
      clear();
      small = groups.map((group, i) => makeSmall(group, i === groups.length - 1, width));
      drawBar();
      // Once more with the room that there is when the new ones stand.
      soon();
    }
    body.style.setProperty('--charts', String(small.length));
    small.forEach(heading);
    // What the sections take beside the charts: headings and their margins.
    const heads = small.reduce((sum, s) => sum + s.element.offsetHeight - s.chart.height + GAP, 0);
    const share = Math.floor((body.clientHeight - heads - AXIS) / Math.max(1, small.length));
    const held = Math.min(HEIGHT.most, Math.max(HEIGHT.least, share));
    for (const [i, s] of small.entries()) {
      const height = held + (i === small.length - 1 ? AXIS : 0);
      if (s.chart.width !== width || s.chart.height !== height) s.chart.setSize({ width, height });
      s.chart.setData(/** @type {uPlot.AlignedData} */ (chartData(curves, s.group, options)));
    }
  };

  /** @param {Group} group @param {boolean} last @param {number} width @returns {Small} */
  const makeSmall = (group, last, width) => {
    const host = document.createElement('section');
    const head = document.createElement('h3');
    host.append(head);
    body.append(host);
    const palette = readPalette(element);
    const text = numberFormat(store.locale.peek());
    const style = { stroke: palette.muted, font: `11px ${palette.font}`, ticks: { show: false } };
    const grid = { stroke: palette.line, width: 0.5 };
    const chart = new uPlot(
      {
        width,
        height: HEIGHT.least + (last ? AXIS : 0),
        // Half of the last update's number reaches over the right edge.
        padding: [6, 18, last ? 0 : 4, 0],
        legend: { show: false },
        cursor: { sync: { key: cursor.key }, y: false, points: { size: 5 }, drag: { x: false, y: false } },
        scales: { x: { time: false, distr: options.logarithmic ? 3 : 1 } },
        axes: [
          {
            ...style,
            grid: { ...grid, show: false },
            size: last ? AXIS : 0,
            show: last,
            values: (_, ticks) => ticks.map(text),
          },
          { ...style, grid, size: 44, gap: 4, space: 22, values: (_, ticks) => ticks.map(text) },
        ],
        series: [
          {},
          ...group.columns.map((name, i) => ({
            stroke: columnColour(element, name, i),
            width: i === 0 ? 1.5 : 1.25,
            // A line needs two numbers; the first one alone is a dot.
            points: { show: (/** @type {uPlot} */ u, /** @type {number} */ k) => count(u.data[k]) === 1, size: 4 },
            spanGaps: true,
          })),
        ],
        hooks: { setCursor: [() => small.forEach(heading)] },
      },
      [[], ...group.columns.map(() => [])],
      host,
    );
    return { group, element: host, head, chart };
  };

  /** @param {Small} s */
  const heading = ({ group, head, chart }) => {
    const text = numberFormat(store.locale.peek());
    const at = chart.cursor.idx ?? null;
    const items = group.columns.map((name, i) => {
      const value = at === null ? newest(store.curves.peek(), name) : (chart.data[i + 1]?.[at] ?? null);
      return html`<span style=${`--series: ${columnColour(element, name, i)}`}>${nameOf(store, name)} <b>${text(value)}</b></span>`;
    });
    render(html`${items}`, head);
  };

  const drawBar = () => {
    const { t } = store;
    /** @param {string} key @param {boolean} on @param {typeof options} next @param {string} [look] */
    const choice = (key, on, next, look = '') =>
      html`<button type="button" class=${look} aria-pressed=${String(on)} @click=${() => {
        options = next;
        draw();
      }}>${t(key)}</button>`;
    render(
      html`<div class="segmented" role="group" aria-label=${t('chart.span')}>
          ${choice('chart.all', options.span === 'all', { ...options, span: 'all' })}
          ${choice('chart.recent', options.span === 'recent', { ...options, span: 'recent' })}
        </div>
        ${choice('chart.logarithmic', options.logarithmic, { ...options, logarithmic: !options.logarithmic }, 'plain')}
        ${small.length === 0 ? html`<p>${t('chart.empty')}</p>` : nothing}`,
      bar,
    );
  };

  const soon = () => {
    timer ||= window.setTimeout(draw, Math.max(0, PAUSE - (performance.now() - drawn)));
  };
  const observer = new ResizeObserver(soon);
  observer.observe(body);
  const stop = effect(() => {
    store.curves.value;
    store.theme.value;
    store.locale.value;
    soon();
  });
  drawBar();

  return {
    /** The curves come through the store. @param {Frame} _frame */
    update(_frame) {},

    dispose() {
      clearTimeout(timer);
      stop();
      observer.disconnect();
      clear();
      element.replaceChildren();
    },
  };
}

/** Colours of the columns: what belongs to data is blue, to the model orange, as on the plot. @type {Record<string, string>} */
const COLOURS = {
  loss: '--stage-compare',
  nll: '--stage-energy',
  entropy: '--faint',
  negativeElbo: '--stage-update',
  noiseFit: '--stage-negatives',
  kl: '--stage-gradient',
  energyData: '--data',
  energyModel: '--model',
};
/** For the parts of a loss, in their order. */
const PARTS = ['--stage-energy', '--stage-negatives', '--stage-gradient', '--stage-update', '--stage-data'];

/** @param {Element} element @param {string} name @param {number} i Place in its chart. */
function columnColour(element, name, i) {
  return getComputedStyle(element)
    .getPropertyValue(COLOURS[name] ?? PARTS[i % PARTS.length])
    .trim();
}

/**
 * The name of a column: of the page's own, else of a term of the objective, or of the one before it, whose curves still stand.
 * @param {Store} store
 * @param {string} name
 */
function nameOf(store, name) {
  if (store.hasString(`chart.column.${name}`)) return store.t(`chart.column.${name}`);
  const others = store.manifest.peek()?.sections.objective ?? [];
  const ids = [store.config.peek()?.objective?.id, ...others.map((part) => part.id)];
  const key = ids.map((id) => `objective.${id}.term.${name}`).find((k) => store.hasString(k));
  return key ? store.t(key) : name;
}

/** How many numbers a column has. @param {ArrayLike<number | null | undefined>} column */
function count(column) {
  let found = 0;
  for (let i = 0; i < column.length; i++) if (typeof column[i] === 'number') found++;
  return found;
}
