/** The dialog that compares: two runs with the same seed and the same points, which differ in one thing, on one clock. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import './compare.css';
import { icon } from '../controls/icons.js';
import { Watched } from '../controls/watched.js';
import { makeCurves } from './curves.js';
import { another, change, choices, differences, nameOf, valueIn } from './difference.js';
import { createRun } from './run.js';

/** @import {BackendChoice, SectionName} from '../engine/protocol.js' */
/** @import {WorkerLike} from '../engine/client.js' */
/** @import {Difference} from './difference.js' */
/** @import {Run} from './run.js' */

/** A round of both runs takes about so long, in milliseconds. */
const ROUND = 100;
/** Most updates of a round. */
const MOST = 64;
/** Figures that are shown as numbers and as curves. */
const FIGURES = /** @type {const} */ (['nll', 'kl']);
const SIDES = /** @type {const} */ (['A', 'B']);

class CompareDialog extends Watched {
  static properties = {
    spawn: { attribute: false },
    runs: { state: true },
    difference: { state: true },
    playing: { state: true },
    round: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    /** Makes a worker for a backend. @type {(backend: BackendChoice) => WorkerLike} */
    this.spawn = () => {
      throw new Error('<ebm-compare> was opened before it was given a way to make workers.');
    };
    /** @type {Run[]} */
    this.runs = [];
    /** @type {ReturnType<typeof makeCurves>[]} */
    this.charts = [];
    /** @type {Difference} */
    this.difference = { section: 'objective', param: null };
    this.playing = false;
    /** The turning clock, to be waited for before anything else is asked of the runs. @type {Promise<void>} */
    this.turning = Promise.resolve();
    /** What the one clock shows. */
    this.round = 0;
    this.refusal = '';
    /** Counts openings: what a closed one still does is for nobody. */
    this.generation = 0;
  }

  /** Begins two runs from the page's experiment. */
  async begin() {
    const { store } = this;
    this.end();
    const { generation } = this;
    const still = () => generation === this.generation;
    this.refusal = '';
    /** @type {Run[]} */
    let runs = [];
    try {
      await store.engine.everyPart();
      await this.updateComplete;
      const [config, manifest, backend] = [store.config.value, store.manifest.value, store.backend.value];
      if (!still() || config === null || manifest === null || backend === null) return;
      this.difference = { section: this.#learns() ? 'objective' : 'sampler', param: null };
      const second = change(this.difference, another(manifest, config, this.difference));
      const points = store.edit.edited.value || config.data.id === 'drawn' ? store.data.value : null;
      const elements = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.compare-plot')]);
      runs = elements.map((element) => createRun({ page: store, element, spawn: this.spawn }));
      this.runs = runs;
      await Promise.all(runs.map((run) => run.open(backend.name, config, points)));
      await runs[1].store.configure(second);
      await this.#restart();
      if (!still()) return;
      this.charts = FIGURES.map((name) =>
        makeCurves({
          element: /** @type {HTMLElement} */ (this.querySelector(`[data-curve=${name}]`)),
          page: store,
          name,
          runs: runs.map((run) => run.store),
        }),
      );
      this.#play();
    } catch (error) {
      // What a dialog says that was closed meanwhile is for nobody.
      if (still()) this.#refuse(error);
    }
  }

  #learns() {
    const { manifest, config } = this.store;
    return manifest.value?.sections.model.find(({ id }) => id === config.value?.model.id)?.learns !== false;
  }

  /** Ends both runs. */
  end() {
    this.generation++;
    this.playing = false;
    this.turning = Promise.resolve();
    this.round = 0;
    for (const chart of this.charts) chart.dispose();
    for (const run of this.runs) run.close();
    [this.charts, this.runs] = [[], []];
  }

  /** @param {unknown} error */
  #refuse(error) {
    this.playing = false;
    this.refusal = error instanceof Error ? error.message : String(error);
  }

  /** Both from the start: only so are they to be compared. */
  async #restart() {
    await Promise.all(this.runs.map((run) => run.restart()));
    this.round = 0;
  }

  #play() {
    if (this.playing) return;
    this.playing = true;
    for (const run of this.runs) run.resume();
    this.turning = this.turning.then(() => this.#turn());
  }

  /** One clock: a round is done when both runs have done it. */
  async #turn() {
    const { generation } = this;
    let size = 1;
    while (this.playing && generation === this.generation) {
      const next = this.round + size;
      const start = performance.now();
      try {
        const there = await Promise.all(this.runs.map((run) => run.goTo(next)));
        if (generation !== this.generation) return;
        // What the guard says stands beside the run that it stopped.
        if (!there.every(Boolean)) this.playing = false;
      } catch (error) {
        if (generation === this.generation) this.#refuse(error);
        return;
      }
      this.round = next;
      size = Math.min(MOST, Math.max(1, Math.round((size * ROUND) / Math.max(1, performance.now() - start))));
      for (const chart of this.charts) chart.draw();
      // A page that is not seen does not ask for frames, and rests.
      await new Promise(requestAnimationFrame);
    }
  }

  /** Changes the runs in their turn, and starts them anew. @param {() => Promise<unknown>} what */
  #anew(what) {
    const played = this.playing;
    this.playing = false;
    this.refusal = '';
    this.turning = this.turning.then(async () => {
      try {
        await what();
        await this.#restart();
        if (played) this.#play();
      } catch (error) {
        this.#refuse(error);
      }
    });
  }

  /** The second run becomes the first one again, but for something else. @param {string} name */
  #differ(name) {
    const [a, b] = this.runs;
    const { manifest, config } = a.store;
    const first = config.value;
    const next = manifest.value && first && differences(manifest.value, first).find((one) => nameOf(one) === name);
    if (!next || !manifest.value) return;
    const other = change(next, another(manifest.value, first, next));
    this.#anew(async () => {
      await b.load(first);
      await b.store.configure(other);
      this.difference = next;
    });
  }

  /** @param {Run} run @param {unknown} value */
  #set(run, value) {
    // An emptied field says nothing; what it held comes back.
    if (value === undefined) return this.requestUpdate();
    this.#anew(() => run.store.configure(change(this.difference, value)));
  }

  /** @param {Difference} difference */
  #label({ section, param }) {
    const { t } = this.store;
    return param === null ? t(`section.${section}`) : t(`param.${section}.${param.name}.label`);
  }

  #differSelect() {
    const { manifest, config } = this.runs[0].store;
    const all = manifest.value && config.value ? differences(manifest.value, config.value) : [this.difference];
    return html`<label>${this.store.t('compare.differ')}
      <select .value=${live(nameOf(this.difference))} @change=${(/** @type {{target: any}} */ { target }) => this.#differ(target.value)}>
        ${all.map(
          (one) =>
            html`<option value=${nameOf(one)} ?selected=${nameOf(one) === nameOf(this.difference)}>${this.#label(one)}</option>`,
        )}
      </select>
    </label>`;
  }

  /** The value of what differs, of one run. @param {Run} run @param {string} side */
  #value(run, side) {
    const { t } = this.store;
    const { manifest, config } = run.store;
    if (!manifest.value || !config.value) return nothing;
    const { difference } = this;
    const { section, param } = difference;
    const value = valueIn(config.value, difference);
    const label = `${side}: ${this.#label(difference)}`;
    const listed = choices(manifest.value, config.value, difference);
    if (listed === null)
      return html`<input type="number" aria-label=${label} min=${param?.min ?? nothing} max=${param?.max ?? nothing} step="any"
        .value=${String(value ?? '')}
        @change=${(/** @type {{target: any}} */ { target }) => this.#set(run, target.value !== '' ? Number(target.value) : param?.nullable ? null : undefined)} />`;
    /** @param {unknown} one */
    const named = (one) => {
      if (param === null) return t(`${/** @type {SectionName} */ (section)}.${one}.title`);
      return typeof one === 'boolean' ? t(one ? 'compare.on' : 'compare.off') : t(`choice.${param.name}.${one}`);
    };
    return html`<select aria-label=${label} .value=${live(String(listed.indexOf(value)))} @change=${(/** @type {{target: any}} */ { target }) => this.#set(run, listed[target.value])}>
      ${listed.map((one, i) => html`<option value=${i} ?selected=${one === value}>${named(one)}</option>`)}
    </select>`;
  }

  /** @param {Run | undefined} run @param {string} side */
  #figures(run, side) {
    const { t, measure } = this.store;
    const frame = run?.store.frame.value;
    return html`<dl class="numbers">
      ${FIGURES.map((name) => html`<div><dt>${t(`metric.${name}.label`)}</dt><dd>${measure(frame?.metrics?.[name])}</dd></div>`)}
    </dl>
    ${(run?.store.notices.value ?? []).map(({ text, key, params }) => html`<p class="refusal" role="alert">${side}: ${text ?? t(key ?? '', params)}</p>`)}`;
  }

  /** @override */
  render() {
    const { t, count } = this.store;
    const ready = this.runs.length > 0;
    return html`<dialog class="sheet compare" aria-labelledby="compare-title" @close=${() => this.end()}>
      <div class="sheet-body">
        <header>
          <h2 id="compare-title">${t('compare.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p>${t('compare.about')}</p>
        <div class="actions">
          <button type="button" class="plain strong" ?disabled=${!ready} @click=${() => {
            if (this.playing) this.playing = false;
            else {
              this.refusal = '';
              this.#play();
            }
          }}>${icon(this.playing ? 'pause' : 'play')} ${t(this.playing ? 'compare.pause' : 'compare.play')}</button>
          <button type="button" class="plain" ?disabled=${!ready} @click=${() => this.#anew(async () => {})}>${icon('reset')} ${t('compare.restart')}</button>
          ${ready ? this.#differSelect() : nothing}
          <span class="round-count">${t('grain.update.title')} <b>${count(this.round)}</b></span>
        </div>
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        <div class="compare-sides">
          ${SIDES.map(
            (side, i) => html`<section aria-label=${side}>
              <h3 data-side=${side}>${side} ${this.runs[i] ? this.#value(this.runs[i], side) : nothing}</h3>
              <div class="compare-plot" inert></div>
              ${this.#figures(this.runs[i], side)}
            </section>`,
          )}
        </div>
        <div class="compare-curves">
          ${FIGURES.map((name) => html`<section><h3>${t(`chart.column.${name}`)} <span class="key">${SIDES.map((side) => html`<span data-side=${side}>${side}</span>`)}</span></h3><div data-curve=${name}></div></section>`)}
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-compare', CompareDialog);
