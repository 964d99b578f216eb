//! What the page is shown beside the run: the landscape, and the truth by quadrature. Both are computed in pieces
//! between updates, from weights frozen at the start of the pass, so that no slice of time grows long and no picture is
//! made of two different networks.

use super::frame::View;
use super::program::{self, LANDSCAPE_PIECES, QUADRATURE, QUADRATURE_PIECES, Role, TEST_POINTS, slot};
use super::{Mode, Purpose, Session, edit};
use crate::data::{QUADRATURE_HALF, Space};
use crate::error::Result;

/// A pass over a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Landscape,
    Truth,
}

impl Pass {
    fn pieces(self) -> usize {
        match self {
            Self::Landscape => LANDSCAPE_PIECES,
            Self::Truth => QUADRATURE_PIECES,
        }
    }
}

/// What a pass is about to be or has been.
#[derive(Debug, Default)]
pub(super) struct Chores {
    current: Option<(Pass, usize, f64)>,
    landscape: Due,
    truth: Due,
    /// A finished landscape that no frame has shown.
    pub landscape_ready: bool,
    /// A finished truth that no frame has shown.
    pub truth_ready: bool,
    /// log Z as it was computed last.
    pub log_partition: Option<f64>,
    /// What the quadrature says of the density itself.
    pub known: Option<Known>,
}

/// When something is computed again.
#[derive(Debug, Clone, Copy)]
struct Due {
    /// What it depends on (the clock, the view's version) for which the last pass was made.
    done_for: Option<(u64, u64)>,
    next_ms: f64,
}

impl Default for Due {
    fn default() -> Self {
        Self { done_for: None, next_ms: f64::NEG_INFINITY }
    }
}

/// The density on the quadrature grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Known {
    /// Its mass on the grid; 1 up to the quadrature's error.
    pub mass: f64,
    /// Its entropy on the grid, in nats.
    pub entropy: f64,
    /// Whether it is nowhere 0 on the grid, as far as single precision tells.
    pub positive: bool,
}

/// Shares of the time that passes may take: the next one waits this many times as long as the last one took.
const REST: f64 = 6.0;
/// Least time between two passes, in ms.
const LANDSCAPE_EVERY: f64 = 90.0;
const TRUTH_EVERY: f64 = 700.0;

impl Chores {
    pub fn data_changed(&mut self) {
        self.truth.done_for = None;
    }

    pub fn everything_changed(&mut self) {
        (self.truth.done_for, self.landscape.done_for) = (None, None);
        self.current = None;
    }

    /// Whether something is not up to date for this clock.
    fn pending(&self, stamp: (u64, u64)) -> bool {
        self.current.is_some() || self.landscape.done_for != Some(stamp) || self.truth.done_for != Some(stamp)
    }
}

impl Session {
    /// What the pictures depend on.
    fn stamp(&self) -> (u64, u64) {
        let steps = if self.compiled.follows { self.clock.steps } else { 0 };
        (self.clock.update + steps, self.view.version)
    }

    /// Whether the page still has something to be shown for where the run stands.
    pub fn has_chores(&self) -> bool {
        (self.space() == Space::Plane && self.chores.pending(self.stamp()))
            || self.chores.landscape_ready
            || self.chores.truth_ready
    }

    /// One piece of a pass, where one is due.
    pub(super) fn chore(&mut self, mode: Mode, now_ms: f64) -> Result<()> {
        if self.space() != Space::Plane {
            return Ok(());
        }
        let stamp = self.stamp();
        let Some((pass, piece, began)) = self.chores.current else {
            let chores = &mut self.chores;
            let due = |d: &Due| d.done_for != Some(stamp) && (now_ms >= d.next_ms || mode == Mode::Paused);
            let pass = if due(&chores.landscape) {
                Pass::Landscape
            } else if due(&chores.truth) {
                Pass::Truth
            } else {
                return Ok(());
            };
            let due = if pass == Pass::Landscape { &mut chores.landscape } else { &mut chores.truth };
            due.done_for = Some(stamp);
            chores.current = Some((pass, 0, now_ms));
            return self.freeze();
        };
        self.piece(pass, piece)?;
        let last = pass.pieces();
        self.chores.current = (piece + 1 < last).then_some((pass, piece + 1, began));
        if piece + 1 == last {
            self.finished(pass, now_ms, began)?;
        }
        Ok(())
    }

    fn freeze(&mut self) -> Result<()> {
        if self.has(Role::Freeze) { self.run(Role::Freeze, Purpose::Start, 0, 0, 1) } else { Ok(()) }
    }

    fn piece(&mut self, pass: Pass, piece: usize) -> Result<()> {
        let role = if pass == Pass::Landscape { Role::Landscape(piece) } else { Role::Quadrature(piece) };
        // Without an energy there is nothing to integrate.
        if self.has(role) { self.run(role, Purpose::Start, 0, 0, 1) } else { Ok(()) }
    }

    fn finished(&mut self, pass: Pass, now_ms: f64, began: f64) -> Result<()> {
        let rest = now_ms + REST * (now_ms - began).max(0.0);
        match pass {
            Pass::Landscape => {
                #[cfg(feature = "whole")]
                if self.has(Role::Terrain) {
                    self.run(Role::Terrain, Purpose::Start, 0, 0, 1)?;
                }
                self.run(Role::Arrows, Purpose::Start, 0, 0, 1)?;
                #[cfg(feature = "whole")]
                if self.has(Role::TrueArrows) {
                    self.run(Role::TrueArrows, Purpose::Start, 0, 0, 1)?;
                }
                self.chores.landscape.next_ms = rest.max(now_ms + LANDSCAPE_EVERY);
                self.chores.landscape_ready = true;
            }
            Pass::Truth => {
                self.run(Role::Truth, Purpose::Start, 0, 0, 1)?;
                self.chores.truth.next_ms = rest.max(now_ms + TRUTH_EVERY);
                self.chores.truth_ready = true;
            }
        }
        Ok(())
    }

    /// Pieces of passes for as long as a slice lasts, while the clock rests and somebody looks.
    pub fn show_soon(&mut self, now_ms: f64) -> Result<()> {
        const PIECES: usize = LANDSCAPE_PIECES + 1;
        for _ in 0..PIECES {
            self.chore(Mode::Paused, now_ms)?;
        }
        Ok(())
    }

    /// A whole pass at once, for whoever asks for the figures of this moment.
    pub(super) fn pass_now(&mut self, pass: Pass) -> Result<()> {
        if self.space() != Space::Plane {
            return Ok(());
        }
        self.chores.current = None;
        self.freeze()?;
        for piece in 0..pass.pieces() {
            self.piece(pass, piece)?;
        }
        self.finished(pass, f64::NEG_INFINITY, f64::NEG_INFINITY)
    }

    /// Writes everything that does not change while the run goes on: tables, grids, the density on the quadrature.
    pub(super) fn write_fixed(&mut self) -> Result<()> {
        for (offset, values) in self.compiled.layout.literals().to_vec() {
            self.backend.write(offset, &values.iter().map(|&v| v as f32).collect::<Vec<_>>())?;
        }
        if self.space() != Space::Plane {
            // What is known of the plane says nothing here.
            (self.chores.known, self.chores.log_partition) = (None, None);
            return Ok(());
        }
        self.write_view()?;
        let bounds = [-QUADRATURE_HALF, QUADRATURE_HALF, -QUADRATURE_HALF, QUADRATURE_HALF];
        let grid = midpoints(bounds, QUADRATURE);
        let rows = grid.len() / QUADRATURE_PIECES;
        for (i, rows) in grid.chunks_exact(rows).enumerate() {
            self.write(&program::piece(slot::QUADRATURE, i), to_f32(rows).as_flattened())?;
        }
        self.write_known(&grid)
    }

    /// The density on the quadrature grid and its held-out points (the points themselves where there is no density).
    fn write_known(&mut self, grid: &[[f64; 2]]) -> Result<()> {
        self.chores.known = None;
        if let Some(log_density) = self.parts.density.log_density(&self.config.data) {
            let area = (2.0 * QUADRATURE_HALF / QUADRATURE as f64).powi(2);
            // exp of less than this is 0 in f32.
            const FLOOR: f64 = -1e4;
            let exact: Vec<f64> = grid.iter().map(|&x| log_density(x)).collect();
            let positive = exact.iter().all(|&v| v > FLOOR);
            let values: Vec<f64> = exact.into_iter().map(|v| v.max(FLOOR)).collect();
            let mass: f64 = values.iter().map(|v| v.exp() * area).sum();
            let entropy = -values.iter().map(|v| v.exp() * area * v).sum::<f64>();
            self.chores.known = Some(Known { mass, entropy, positive });
            self.write(slot::LOG_DENSITY, &values.iter().map(|&v| v as f32).collect::<Vec<_>>())?;
        }
        self.write_test()
    }

    /// Held-out points; the visitor's own where no density is behind them, repeated to fill the tensor.
    pub(super) fn write_test(&mut self) -> Result<()> {
        let mut test = edit::sample_test(&self.config, self.parts.density, TEST_POINTS);
        self.history.test = (test.len() == TEST_POINTS).then(|| test.as_flattened().to_vec());
        if test.len() < TEST_POINTS {
            test = self.data.iter().copied().cycle().take(TEST_POINTS).collect();
        }
        self.write(slot::TEST, test.as_flattened())
    }

    /// The grids that the page looks at.
    pub(super) fn write_view(&mut self) -> Result<()> {
        let View { extent, .. } = self.view;
        let grid = midpoints(extent, self.sizes.landscape);
        let rows = grid.len() / LANDSCAPE_PIECES;
        for (i, rows) in grid.chunks_exact(rows).enumerate() {
            self.write(&program::piece(slot::GRID, i), to_f32(rows).as_flattened())?;
        }
        let arrows = midpoints(extent, self.sizes.arrows);
        self.write(slot::ARROW_POINTS, to_f32(&arrows).as_flattened())
    }
}

/// Centres of n × n equal cells of the box [x0, x1, y0, y1], row by row from the smallest y.
fn midpoints(extent: [f64; 4], n: usize) -> Vec<[f64; 2]> {
    let [x0, x1, y0, y1] = extent;
    let at = |low: f64, high: f64, i: usize| low + (high - low) * (i as f64 + 0.5) / n as f64;
    (0..n * n).map(|i| [at(x0, x1, i % n), at(y0, y1, i / n)]).collect()
}

fn to_f32(points: &[[f64; 2]]) -> Vec<[f32; 2]> {
    points.iter().map(|p| p.map(|c| c as f32)).collect()
}
