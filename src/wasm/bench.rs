//! The workloads of tests/peers as JavaScript sees them: compiled for `cargo xtask bench` alone.

use super::*;
use crate::workload::images::Images;
use crate::workload::{Evaluation, Sampling, Training};

/// Something to measure. A command takes it out and puts it back when it is done.
#[derive(Clone)]
enum Kind {
    Training(Rc<RefCell<Option<Training>>>),
    Sampling(Rc<RefCell<Option<Sampling>>>),
    Images(Rc<RefCell<Option<Images>>>),
}

/// A workload on its backend.
#[wasm_bindgen]
pub struct Workload(Kind);

fn shared<T>(value: T) -> Rc<RefCell<Option<T>>> {
    Rc::new(RefCell::new(Some(value)))
}

fn busy() -> Refusal {
    Refusal::new("The workload is still at work on the command before, or is of another kind.")
}

async fn device(backend: &str) -> Thrown<Box<dyn Backend>> {
    Ok(open(backend).await?.0)
}

/// Runs a command on what a cell holds, in turn.
async fn in_turn<T, R>(cell: &RefCell<Option<T>>, command: impl AsyncFnOnce(&mut T) -> crate::Result<R>) -> Thrown<R> {
    let mut taken = cell.borrow_mut().take().ok_or_else(busy)?;
    let result = command(&mut taken).await;
    cell.replace(Some(taken));
    Ok(result?)
}

fn flat(Evaluation { loss, gradient_norm }: Evaluation) -> JsValue {
    array(&[loss, gradient_norm]).into()
}

#[wasm_bindgen]
impl Workload {
    /// W1: see [`Training::dsm2d`].
    pub fn dsm2d(backend: String, parameters: Vec<f32>, points: Vec<f32>, noise: Vec<f32>) -> Promise {
        promise(async move {
            let training = Training::dsm2d(device(&backend).await?, &parameters, &points, &noise)?;
            Ok(Workload(Kind::Training(shared(training))).into())
        })
    }

    /// W2: see [`Training::pcd2d`].
    pub fn pcd2d(
        backend: String,
        parameters: Vec<f32>,
        points: Vec<f32>,
        fakes: Vec<f32>,
        chains: Vec<f32>,
    ) -> Promise {
        promise(async move {
            let training = Training::pcd2d(device(&backend).await?, &parameters, &points, &fakes, &chains)?;
            Ok(Workload(Kind::Training(shared(training))).into())
        })
    }

    /// W3: see [`Sampling::langevin2d`].
    pub fn langevin2d(backend: String, parameters: Vec<f32>, particles: Vec<f32>, seed: u32) -> Promise {
        promise(async move {
            let sampling = Sampling::langevin2d(device(&backend).await?, parameters, particles, seed)?;
            Ok(Workload(Kind::Sampling(shared(sampling))).into())
        })
    }

    /// W4: see [`Images::mnistcd`].
    pub fn mnistcd(
        backend: String,
        parameters: Vec<f32>,
        images: Vec<f32>,
        fakes: Vec<f32>,
        chains: Vec<f32>,
    ) -> Promise {
        promise(async move {
            let images = Images::mnistcd(device(&backend).await?, &parameters, &images, &fakes, &chains)?;
            Ok(Workload(Kind::Images(shared(images))).into())
        })
    }

    /// `n` updates of W1 or W2; resolves to the last loss.
    pub fn step(&self, n: u32) -> Promise {
        let kind = self.0.clone();
        promise(async move {
            let Kind::Training(cell) = kind else { return Err(busy()) };
            in_turn(&cell, async |training| training.step(n).await).await.map(JsValue::from)
        })
    }

    /// `n` updates of W4 with `k` steps of the chains each; resolves to the last loss, then the last samples, flat.
    #[wasm_bindgen(js_name = stepImages)]
    pub fn step_images(&self, n: u32, k: u32) -> Promise {
        let kind = self.0.clone();
        promise(async move {
            let Kind::Images(cell) = kind else { return Err(busy()) };
            let (loss, samples) = in_turn(&cell, async |images| images.step(n, k).await).await?;
            Ok(array(&[&[loss], &samples[..]].concat()).into())
        })
    }

    /// Loss and gradient norm on the fixed inputs, `[loss, norm]`.
    pub fn evaluate(&self) -> Promise {
        let kind = self.0.clone();
        promise(async move {
            match kind {
                Kind::Training(cell) => in_turn(&cell, async |training| training.evaluate().await).await.map(flat),
                Kind::Images(cell) => in_turn(&cell, async |images| images.evaluate().await).await.map(flat),
                Kind::Sampling(_) => Err(busy()),
            }
        })
    }

    /// All chains of W2, flat.
    pub fn chains(&self) -> Promise {
        let kind = self.0.clone();
        promise(async move {
            let Kind::Training(cell) = kind else { return Err(busy()) };
            let chains = in_turn(&cell, async |training| training.chains().await).await?;
            Ok(array(&chains).into())
        })
    }

    /// Positions after `n` transitions of W3, flat.
    pub fn run(&self, n: usize) -> Promise {
        let kind = self.0.clone();
        promise(async move {
            let Kind::Sampling(cell) = kind else { return Err(busy()) };
            let positions = in_turn(&cell, async |sampling| sampling.run(n).await).await?;
            Ok(array(&positions).into())
        })
    }
}
