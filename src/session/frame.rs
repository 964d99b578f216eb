//! What the page draws: plain data, read from the device without anybody waiting for it. A request names ranges of the
//! arena; the frame is put together once they have arrived, while training goes on.

use super::chores::Pass;
use super::guard::row_of;
use super::program::{HISTORY, LANDSCAPE_PIECES, piece, slot};
use super::rebuild::step_size;
use super::{Clock, Session};
use crate::backend::Local;
use crate::data::Space;
use crate::error::{Error, Result};
use crate::json::{Map, Value};
use crate::number;
use std::ops::Range;

/// What frames hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The part of the plane that is shown: [x0, x1, y0, y1].
    pub extent: [f64; 4],
    /// Cells of a side of the landscape; even.
    pub resolution: usize,
    /// Arrows of a side; 0 for none.
    pub arrows: usize,
    /// Grows with every change.
    pub version: u64,
}

impl Default for View {
    fn default() -> Self {
        Self { extent: [-4.0, 4.0, -4.0, 4.0], resolution: 96, arrows: 20, version: 0 }
    }
}

/// Values on a grid of cells, row by row from the smallest y.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Cells of a side.
    pub side: usize,
    /// [x0, x1, y0, y1].
    pub extent: [f64; 4],
    /// One or two values a cell.
    pub values: Vec<f32>,
}

/// A frame. What has not changed since the last one is left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// Where the run stood.
    pub clock: Clock,
    /// Particles [2n].
    pub particles: Vec<f32>,
    /// Energies, when a new landscape is there.
    pub landscape: Option<Grid>,
    /// Scores, with the landscape.
    pub arrows: Option<Grid>,
    /// The exact score of the data there, at the level that is shown, where it is known.
    #[cfg(feature = "whole")]
    pub true_arrows: Option<Vec<f32>>,
    /// Columns of `curves`.
    pub columns: Vec<&'static str>,
    /// Rows (update, loss, parts …) since the last frame, flat.
    pub curves: Vec<f32>,
    /// Figures, when new ones are there.
    pub metrics: Option<Map>,
    /// Data batch while an update is carried out by hand.
    pub batch: Option<Vec<f32>>,
    /// Negatives while an update is carried out by hand.
    pub negatives: Option<Vec<f32>>,
    /// Histogram of the updates since each chain of the replay buffer last began anew: counts and edges.
    pub ages: Option<(Vec<f32>, Vec<f32>)>,
    /// The points, when they have changed.
    pub data: Option<Vec<f32>>,
    /// The held-out points, when they have changed.
    pub test: Option<Vec<f32>>,
    /// log Z as it was computed last.
    pub log_partition: Option<f64>,
    /// The sampler's step size now.
    pub step_size: f32,
    /// Share of the last update's moves that were accepted.
    pub acceptance: Option<f32>,
    /// Rows of losses that the guard should look at.
    pub losses: Vec<f32>,
}

/// What a range that was read is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Particles,
    History,
    StepSize,
    Accepted,
    Landscape,
    Arrows,
    #[cfg(feature = "whole")]
    TrueArrows,
    Truth,
    Batch,
    Negatives,
    Ages,
}

/// A frame on its way.
pub struct Request {
    parts: Vec<Part>,
    clock: Clock,
    from_update: u64,
    /// Columns of the curves when it was asked for.
    columns: Vec<&'static str>,
    side: usize,
    arrows: usize,
    extent: [f64; 4],
    stamp: u64,
}

/// How far the curves have been shown.
#[derive(Debug, Default)]
pub(super) struct History {
    shown: u64,
    /// How far the guard has looked where nothing is shown.
    pub checked: u64,
    /// Grows when the run goes back, so that frames on their way are known to be of the past.
    generation: u64,
    frames: u64,
    /// Whether the points have changed since they were last shown.
    pub data_changed: bool,
    /// Held-out points that have not been shown yet.
    pub test: Option<Vec<f32>>,
}

impl History {
    pub fn clear(&mut self) {
        self.rewind_to(0);
    }

    pub fn rewind_to(&mut self, update: u64) {
        self.shown = self.shown.min(update);
        self.checked = self.checked.min(update);
        self.generation += 1;
    }

    /// Leaves out rows before `update`: what they hold has other names than the rows to come.
    pub fn begin_at(&mut self, update: u64) {
        (self.shown, self.checked) = (update, update);
    }
}

/// The buffer's ages are read with every so many frames: they change slowly.
const AGES_EVERY: u64 = 15;

impl Session {
    /// Changes what frames hold.
    pub async fn set_view(&mut self, mut view: View) -> Result<()> {
        let [x0, x1, y0, y1] = view.extent;
        let fits =
            |low: f64, high: f64| low.is_finite() && high.is_finite() && high - low > 1e-3 && high - low <= 200.0;
        if !fits(x0, x1) || !fits(y0, y1) {
            let expected = "[x0, x1, y0, y1] with sides from 0.001 to 200";
            return Err(Error::value("view.extent", Value::from(view.extent), expected));
        }
        view.resolution = view.resolution.clamp(16, 256).next_multiple_of(2);
        view.arrows = view.arrows.min(64);
        view.version = self.view.version + 1;
        // No arrows are wanted as often as the layer is switched off: their grid waits for the next time.
        let arrows = if view.arrows > 0 { view.arrows } else { self.sizes.arrows };
        let sizes_change = (view.resolution, arrows) != (self.sizes.landscape, self.sizes.arrows);
        self.view = view;
        self.chores.everything_changed();
        if sizes_change {
            (self.sizes.landscape, self.sizes.arrows) = (view.resolution, arrows);
        }
        match self.space() {
            Space::Images | Space::Binary(_) => Ok(()),
            Space::Plane if sizes_change => self.rebuild().await,
            Space::Plane => self.write_view(),
        }
    }

    /// Takes over `{extent, resolution, arrows}` where they differ; a resolution of 0 leaves the grids as they are.
    pub async fn look_at(&mut self, wanted: &Value) -> Result<()> {
        let resolution = wanted["resolution"].as_u64().unwrap_or(0) as usize;
        let extent: Option<Vec<f64>> =
            wanted["extent"].as_array().map(|a| a.iter().filter_map(Value::as_f64).collect());
        let Some(&[x0, x1, y0, y1]) = extent.as_deref().filter(|_| resolution > 0) else { return Ok(()) };
        let arrows = wanted["arrows"].as_u64().unwrap_or(0) as usize;
        let before = self.view;
        let view = View { extent: [x0, x1, y0, y1], resolution, arrows, ..before };
        if view == before { Ok(()) } else { self.set_view(view).await }
    }

    /// What frames hold.
    pub fn view(&self) -> View {
        self.view
    }

    /// Asks for a frame of this moment.
    pub fn request_frame(&mut self) -> (Request, Local<Result<Vec<Vec<f32>>>>) {
        self.backend.submit();
        let mut parts = vec![(Part::StepSize, self.range(slot::STEP_SIZE))];
        let mut ask = |part, name: &str, session: &Self| parts.extend(session.find_range(name).map(|r| (part, r)));
        ask(Part::Particles, slot::PARTICLES, self);
        if self.trains() {
            ask(Part::History, slot::HISTORY, self);
            ask(Part::Accepted, slot::ACCEPTED, self);
        }
        if self.clock.stage.is_some() {
            ask(Part::Batch, slot::BATCH, self);
            ask(Part::Negatives, slot::NEGATIVES, self);
        }
        if self.history.frames.is_multiple_of(AGES_EVERY) {
            ask(Part::Ages, slot::BUFFER_AGES, self);
        }
        if std::mem::take(&mut self.chores.landscape_ready) {
            parts.push((Part::Landscape, self.pieces(slot::LANDSCAPE)));
            if self.view.arrows > 0 {
                parts.push((Part::Arrows, self.range(slot::ARROW_SCORE)));
                #[cfg(feature = "whole")]
                parts.extend(self.find_range(slot::ARROW_TRUTH).map(|range| (Part::TrueArrows, range)));
            }
        }
        if std::mem::take(&mut self.chores.truth_ready) {
            parts.push((Part::Truth, self.range(slot::TRUTH)));
        }
        self.history.frames += 1;
        let ranges: Vec<_> = parts.iter().map(|(_, range)| range.clone()).collect();
        let terms = self.parts.objective.terms();
        let request = Request {
            columns: ["update", "loss"].into_iter().chain(terms.iter().map(|t| t.id)).collect(),
            parts: parts.into_iter().map(|(part, _)| part).collect(),
            clock: self.clock,
            from_update: self.history.shown,
            side: self.sizes.landscape,
            arrows: self.sizes.arrows,
            extent: self.view.extent,
            stamp: self.history.generation,
        };
        self.history.shown = self.clock.update;
        (request, self.backend.read(&ranges))
    }

    /// The pieces of a grid lie one behind the other.
    fn pieces(&self, name: &str) -> Range<usize> {
        self.range(&piece(name, 0)).start..self.range(&piece(name, LANDSCAPE_PIECES - 1)).end
    }

    /// Puts a frame together. `None` when the run has gone back since it was asked for.
    pub fn finish_frame(&mut self, request: Request, values: Vec<Vec<f32>>) -> Option<Frame> {
        if request.stamp != self.history.generation {
            return None;
        }
        let mut frame = Frame { clock: request.clock, test: self.history.test.take(), ..Frame::default() };
        if std::mem::take(&mut self.history.data_changed) && self.space() == Space::Plane {
            frame.data = Some(self.data.as_flattened().to_vec());
        }
        for (part, values) in request.parts.iter().zip(values) {
            match part {
                Part::Particles => frame.particles = values,
                Part::StepSize => frame.step_size = values[0],
                Part::Accepted => {
                    let moves = (values.len() * self.chain_steps()).max(1) as f32;
                    frame.acceptance = Some(values.iter().sum::<f32>() / moves);
                }
                Part::History => curves(&mut frame, &values, &request),
                Part::Landscape => {
                    frame.landscape = Some(Grid { side: request.side, extent: request.extent, values });
                }
                Part::Arrows => frame.arrows = Some(Grid { side: request.arrows, extent: request.extent, values }),
                #[cfg(feature = "whole")]
                Part::TrueArrows => frame.true_arrows = Some(values),
                Part::Truth => frame.metrics = Some(self.figures(&values)),
                Part::Batch => frame.batch = Some(values),
                Part::Negatives => frame.negatives = Some(values),
                Part::Ages => frame.ages = Some(histogram(&values)),
            }
        }
        frame.log_partition = self.chores.log_partition;
        if let Some(metrics) = &mut frame.metrics {
            metrics.insert("stepSize", step_size(&self.config.sampler).map(|_| frame.step_size));
            metrics.insert("acceptance", frame.acceptance.filter(|_| self.chain_steps() > 0));
        }
        Some(frame)
    }

    /// A whole frame with a fresh landscape and fresh figures, for tests and for whoever does not stream.
    pub async fn full_frame(&mut self) -> Result<Frame> {
        self.pass_now(Pass::Landscape)?;
        self.pass_now(Pass::Truth)?;
        let (request, read) = self.request_frame();
        let values = read.await?;
        Ok(self.finish_frame(request, values).expect("nothing went back in between"))
    }

    /// Where the particles are, [n · d].
    pub async fn particles(&mut self) -> Result<Vec<f32>> {
        match self.find_range(slot::PARTICLES) {
            Some(range) => Ok(self.backend.read(&[range]).await?.remove(0)),
            None => Ok(vec![]),
        }
    }

    /// Puts the particles elsewhere, [n · d]: exactly as many as the config says. Pixels that are black or white take the nearer of both.
    pub fn set_particles(&mut self, positions: &[f32]) -> Result<()> {
        let n = self.config.particles() * self.space().dimension();
        if positions.len() != n {
            return Err(Error::value("particles", format!("{} numbers", positions.len()), format!("{n} numbers")));
        }
        if let Some(i) = positions.iter().position(|x| !x.is_finite()) {
            return Err(Error::value(format!("particles[{i}]"), number::print(positions[i].into()), "finite numbers"));
        }
        self.rewind.barrier();
        if n == 0 {
            return Ok(());
        }
        let mut positions = positions.to_vec();
        self.space().settle(&mut positions);
        self.write(slot::PARTICLES, &positions)?;
        #[cfg(feature = "whole")]
        self.pin_pixels()?;
        if self.compiled.follows {
            self.chores.everything_changed();
        }
        // What they carried along belongs to where they were.
        self.begin_carried()
    }
}

/// The rows of the ring since the last frame, oldest first.
fn curves(frame: &mut Frame, ring: &[f32], request: &Request) {
    frame.columns.clone_from(&request.columns);
    let first = request.from_update.max(frame.clock.update.saturating_sub(HISTORY as u64));
    for update in first..frame.clock.update {
        let row = row_of(ring, update);
        frame.curves.push((update + 1) as f32);
        // The number of the update is no part of the ring.
        frame.curves.extend_from_slice(&row[..request.columns.len() - 1]);
        frame.losses.extend_from_slice(row);
    }
}

/// Counts of values in equal bins from 0 to the largest: (counts, edges).
fn histogram(values: &[f32]) -> (Vec<f32>, Vec<f32>) {
    const BINS: usize = 24;
    let top = values.iter().copied().fold(1.0f32, f32::max);
    let mut counts = vec![0.0; BINS];
    for v in values {
        counts[((v / top * BINS as f32) as usize).min(BINS - 1)] += 1.0;
    }
    (counts, (0..=BINS).map(|i| top * i as f32 / BINS as f32).collect())
}
