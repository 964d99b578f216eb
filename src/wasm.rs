//! The core as JavaScript sees it: one class, `Engine`. Beside `number.rs`, which asks JavaScript for texts of numbers, this
//! and the benches below it are all that names wasm_bindgen, js_sys or web_sys, and it holds no algorithm. Errors are thrown as `Error` with
//! one sentence.
//!
//! An async method of wasm-bindgen may not hold a borrow while it waits, so the session is taken out for commands that
//! wait and put back behind them; the worker sends one command after another.

#[cfg(feature = "bench")]
mod bench;
#[cfg(feature = "whole")]
mod latent;
#[cfg(feature = "whole")]
mod levels;
#[cfg(feature = "whole")]
mod machine;
#[cfg(feature = "whole")]
mod pairs;

use crate::backend::{Backend, Local};
#[cfg(feature = "whole")]
use crate::data::Space;
#[cfg(feature = "whole")]
use crate::data::idx::Images;
#[cfg(feature = "whole")]
use crate::data::images::{self, Part, Selected};
use crate::json;
use crate::json::Value;
use crate::number;
use crate::session::{self, Config, Event, Frame, Grain, Mode, Session, Snapshot};
use js_sys::{Array, Float32Array, Object, Promise, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// What is thrown: one sentence. A part that only the whole core has is refused under a name of its own, by which the worker
/// knows that it should fetch that core; so is a set of images that nobody has handed over.
pub struct Refusal(js_sys::Error);

impl Refusal {
    fn new(sentence: &str) -> Self {
        Self(js_sys::Error::new(sentence))
    }
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        let refusal = Self::new(&error.to_string());
        match error {
            crate::Error::Elsewhere { .. } => refusal.0.set_name("Elsewhere"),
            crate::Error::Absent { id } => {
                refusal.0.set_name("Absent");
                // Which one. An error takes any property; without it, the worker shows the sentence.
                let _ = Reflect::set(&refusal.0, &"set".into(), &id.into());
            }
            _ => {}
        }
        refusal
    }
}

impl From<Refusal> for JsValue {
    fn from(refusal: Refusal) -> Self {
        refusal.0.into()
    }
}

type Thrown<T> = std::result::Result<T, Refusal>;

/// A running experiment on its backend.
#[wasm_bindgen]
pub struct Engine {
    running: Rc<Running>,
    adapter: Option<String>,
}

/// What the commands share.
struct Running {
    session: RefCell<Option<Session>>,
    /// Whether the clock has turned since the last frame.
    turned: Cell<bool>,
}

/// Installs the panic hook: a panic is told on the console before the instance is given up.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

fn now() -> f64 {
    js_sys::Date::now()
}

/// The session, until it is put back where it was taken from: when a command ends, however it ends.
struct Taken {
    from: Rc<Running>,
    session: Option<Session>,
}

impl std::ops::Deref for Taken {
    type Target = Session;
    fn deref(&self) -> &Session {
        self.session.as_ref().expect("there until dropped")
    }
}

impl std::ops::DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("there until dropped")
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        *self.from.session.borrow_mut() = self.session.take();
    }
}

fn take(running: &Rc<Running>) -> Thrown<Taken> {
    let session = running.session.borrow_mut().take();
    let session = session.ok_or_else(|| Refusal::new("The engine is still at work on the command before."))?;
    Ok(Taken { from: Rc::clone(running), session: Some(session) })
}

/// A promise of what a future makes. Every command goes through this one boxed type: an exported async function would
/// bring a copy of the promise machinery each, a fifth of the whole download.
fn promise(future: impl Future<Output = Thrown<JsValue>> + 'static) -> Promise {
    let boxed: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> =
        Box::pin(async move { future.await.map_err(JsValue::from) });
    wasm_bindgen_futures::future_to_promise(boxed)
}

/// A turn for others: what `pause` promises. One that fails is a short one.
fn breath(pause: &js_sys::Function) -> Local<()> {
    let turn = pause.call0(&JsValue::NULL).map(|turn| Promise::resolve(&turn));
    Box::pin(async move {
        if let Ok(turn) = turn {
            let _ = wasm_bindgen_futures::JsFuture::from(turn).await;
        }
    })
}

/// What a command without an answer answers.
const DONE: Thrown<JsValue> = Ok(JsValue::UNDEFINED);

#[wasm_bindgen]
impl Engine {
    /// Starts an experiment. `backend` is `webgpu` or `wasm`, if this build has it.
    pub fn create(backend: String, config: String) -> Promise {
        promise(async move {
            let config = Config::parse(&config)?;
            let (device, adapter) = open(&backend).await?;
            let session = Session::new(device, config)?;
            let running = Rc::new(Running { session: RefCell::new(Some(session)), turned: Cell::new(false) });
            Ok(Engine { running, adapter }.into())
        })
    }

    /// JSON of everything registered.
    pub fn manifest(&self) -> String {
        session::manifest().to_string()
    }

    /// What the browser calls the GPU.
    pub fn adapter(&self) -> Option<String> {
        self.adapter.clone()
    }

    /// JSON of the config, every value spelled out.
    pub fn config(&self) -> Thrown<String> {
        Ok(take(&self.running)?.config().to_json().to_string())
    }

    /// Changes the config without resetting the run.
    pub fn configure(&self, patch: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            take(&running)?.configure(&patch).await?;
            DONE
        })
    }

    /// Loads a scene (a JSON string) or a config (a JSON object) and starts it.
    pub fn load(&self, scene_or_config: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let value = json::parse(&scene_or_config)
                .map_err(|e| crate::Error::format("load", format!("not JSON ({e})"), "a scene or a config"))?;
            let config = match value.as_str() {
                Some(id) => session::scene(id)?,
                None => Config::from_value(&value)?,
            };
            take(&running)?.load(config).await?;
            DONE
        })
    }

    /// One slice of the running clock; resolves to the rounds done, at most one where the budget is 0.
    pub fn advance(&self, budget: f64, mode: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mode = match mode.as_str() {
                "sample" => Mode::Sample,
                "learn" => Mode::Learn,
                _ => Mode::Run,
            };
            let (began, most) = (now(), if budget > 0.0 { usize::MAX } else { 1 });
            running.turned.set(true);
            let (rounds, settled) = take(&running)?.begin_slice(mode, most, began)?;
            settled.await;
            let mut session = take(&running)?;
            lost(&session)?;
            session.end_slice(now() - began, budget);
            Ok((rounds as f64).into())
        })
    }

    /// Training updates → {update, loss, parts}.
    pub fn train(&self, n: usize) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            session.train(n)?;
            let guard = session.check().await?;
            lost(&session)?;
            if let Some(guard) = guard {
                return Err(Refusal::new(&guard.sentence()));
            }
            let losses = session.losses().await?;
            let mut parts = session.named_losses(&losses);
            let loss = parts.remove("loss");
            to_js(&json!({"update": session.clock().update, "loss": loss, "parts": parts}))
        })
    }

    /// The next update, and what it did to the energy at these points: {data, model, change, batch, negatives}.
    #[cfg(feature = "whole")]
    pub fn pushes(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            let pushes = session.pushes(&points(&x)?).await?;
            lost(&session)?;
            let session::Pushes { data, model, change, batch, negatives } = pushes;
            let named =
                [("data", data), ("model", model), ("change", change), ("batch", batch), ("negatives", negatives)];
            Ok(object(&named)?.into())
        })
    }

    /// Derivatives beside differences in double precision: {energy, score, slopeErrors, lossErrors}.
    #[cfg(all(feature = "cpu", feature = "whole"))]
    pub fn proof(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let session::Proof { energy, score, slope_errors, loss_errors } =
                take(&running)?.proof(&points(&x)?).await?;
            let out = Object::new();
            let named =
                [("energy", energy), ("score", score), ("slopeErrors", slope_errors), ("lossErrors", loss_errors)];
            for (name, values) in named {
                set(&out, name, js_sys::Float64Array::from(values.as_slice()))?;
            }
            Ok(out.into())
        })
    }

    /// Sampler steps of the particles → {steps, acceptance?}.
    pub fn sample(&self, n: usize) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            let acceptance = session.sample(n).await?;
            lost(&session)?;
            to_js(&json!({"steps": n, "acceptance": acceptance}))
        })
    }

    /// One step of the clock.
    pub fn step(&self, grain: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let grain = Grain::parse(&grain)?;
            let mut session = take(&running)?;
            let event = session.step(grain).await?;
            lost(&session)?;
            event_to_js(&event)
        })
    }

    /// One step back.
    pub fn back(&self, grain: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let grain = Grain::parse(&grain)?;
            let mut session = take(&running)?;
            session.back(grain).await?;
            event_to_js(&session.standing(grain).await?)
        })
    }

    /// E(x): [n · d] → [n].
    pub fn energy(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            session.check_energy()?;
            Ok(array(&session.evaluate(&x.to_vec()).await?.0).into())
        })
    }

    /// −∇E(x): [n · d] → [n · d].
    pub fn score(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.evaluate(&x.to_vec()).await?.1).into()) })
    }

    /// p(y | x): [n · d] → [n · classes]; nothing where no classes are learned.
    #[cfg(feature = "whole")]
    pub fn classify(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.classify(&x.to_vec()).await?).into()) })
    }

    /// The class of each point, [n]; nothing where nothing divides them.
    #[cfg(feature = "whole")]
    pub fn labels(&self) -> Thrown<Float32Array> {
        Ok(array(&take(&self.running)?.labels()))
    }

    /// The exact figures of this moment.
    pub fn metrics(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let metrics = take(&running)?.metrics().await?;
            to_js(&metrics)
        })
    }

    /// Sampler steps of the particles → where the first of them were and what share was accepted, [steps · (2 chains + 1)].
    pub fn trace(&self, steps: usize) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.trace(steps).await?).into()) })
    }

    /// The rule's gradient against the exact one: (sampler steps, angle in degrees, ratio of lengths) for each of `steps`.
    /// `pause` returns a promise that lets others have their turn.
    #[wasm_bindgen(js_name = gradientBias)]
    pub fn gradient_bias(&self, steps: Vec<u32>, draws: usize, pause: js_sys::Function) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let steps: Vec<usize> = steps.into_iter().map(|n| n as usize).collect();
            let rows = take(&running)?.gradient_bias(&steps, draws, &mut || breath(&pause)).await?;
            Ok(js_sys::Float64Array::from(rows.as_flattened()).into())
        })
    }

    /// Held-out draws of the density, [2n]; none where nothing can be drawn.
    #[wasm_bindgen(js_name = heldOut)]
    pub fn held_out(&self) -> Thrown<Float32Array> {
        Ok(array(take(&self.running)?.held_out().as_flattened()))
    }

    /// Centre, weight and standard deviation of each mode of the density, [4 modes].
    pub fn modes(&self) -> Thrown<Vec<f64>> {
        Ok(take(&self.running)?.modes())
    }

    /// What the page draws. `view` is JSON `{extent, resolution, arrows}`; a resolution of 0 leaves the grids as they are.
    pub fn frame(&self, view: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let wanted = json::parse(&view)
                .map_err(|e| crate::Error::format("view", format!("not JSON ({e})"), "a JSON object"))?;
            let paused = !running.turned.replace(false);
            let (request, read) = {
                let mut session = take(&running)?;
                session.look_at(&wanted).await?;
                if paused {
                    session.show_soon(now())?;
                }
                session.request_frame()
            };
            let values = read.await?;
            let mut session = take(&running)?;
            lost(&session)?;
            let frame = session.finish_frame(request, values).unwrap_or_default();
            let guard = session.watch(&frame.losses, frame.clock.update).await?;
            let out = frame_to_js(&frame)?;
            set(&out, "more", session.has_chores())?;
            if let Some(guard) = guard {
                set(&out, "guard", to_js(&json!({"code": guard.code, "fields": (guard.to_json())}))?)?;
            }
            Ok(out.into())
        })
    }

    /// The points, [2n].
    pub fn data(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(take(&running)?.data().as_flattened()).into()) })
    }

    /// Hands over the images of a set, `mnist` or `images`: IDX files, gzipped or not. → How many are used, and how many they are.
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = giveImages)]
    pub fn give_images(&self, id: String, images: Uint8Array, labels: Option<Uint8Array>) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let images = Images::read(&images.to_vec(), labels.map(|labels| labels.to_vec()).as_deref())?;
            let all = images.len();
            let used = take(&running)?.give_images(&id, images).await?;
            Ok(js_sys::Uint32Array::from([used as u32, all as u32].as_slice()).into())
        })
    }

    /// The first images of an IDX file, gzipped or not, no more than `most`: [n · 784]. The run knows nothing of them.
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = readImages)]
    pub fn read_images(&self, file: Uint8Array, most: usize) -> Thrown<Float32Array> {
        let (session, d) = (take(&self.running)?, Space::Images.dimension());
        let space = session.space();
        if space.dimension() != d {
            let id = session.config().data.id;
            return Err(crate::Error::value("data.id", id, "images of 28 × 28 pixels").into());
        }
        Ok(array(&images::first(&Images::read(&file.to_vec(), None)?, most, space)))
    }

    /// A part of the run's images, `training` or `held-out`: {pixels [n · 784], labels [n]}, no labels where none are known.
    #[cfg(feature = "whole")]
    pub fn images(&self, part: String) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let Selected { pixels, labels } = take(&running)?.selected(Part::parse(&part)?)?;
            let out = object(&[("pixels", pixels)])?;
            if let Some(labels) = labels {
                set(&out, "labels", Uint8Array::from(labels.as_slice()))?;
            }
            Ok(out.into())
        })
    }

    /// How many images of the run's set are learned, and how many are held out.
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = imageCounts)]
    pub fn image_counts(&self) -> Thrown<Vec<u32>> {
        Ok(take(&self.running)?.image_counts()?.map(|n| n as u32).to_vec())
    }

    /// The training image that is nearest to x [784]: {image, distance, label?}.
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = nearestImage)]
    pub fn nearest_image(&self, x: Float32Array) -> Thrown<JsValue> {
        let (image, distance, label) = take(&self.running)?.nearest_image(&x.to_vec())?;
        let out = object(&[("image", image)])?;
        set(&out, "distance", distance)?;
        if let Some(label) = label {
            set(&out, "label", label)?;
        }
        Ok(out.into())
    }

    /// Holds pixels of all samples at those of an image [784], where `free` [784] is 0.
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = holdPixels)]
    pub fn hold_pixels(&self, image: Float32Array, free: Float32Array) -> Thrown<()> {
        Ok(take(&self.running)?.hold_pixels(&image.to_vec(), &free.to_vec())?)
    }

    /// Has the samples follow w₀ E(x) + Σ w_y E(x, y), with weights [1 + classes].
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = mixClasses)]
    pub fn mix_classes(&self, weights: Vec<f32>) -> Thrown<()> {
        Ok(take(&self.running)?.mix_classes(&weights)?)
    }

    /// Those weights; empty where there are no classes.
    #[cfg(feature = "whole")]
    pub fn mix(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.mix().await?).into()) })
    }

    /// How many pixels of the samples are held.
    #[cfg(feature = "whole")]
    #[wasm_bindgen(js_name = heldPixels)]
    pub fn held_pixels(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok((take(&running)?.held_pixels().await? as u32).into()) })
    }

    /// Replaces all points.
    #[wasm_bindgen(js_name = setData)]
    pub fn set_data(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let x = points(&x)?;
            take(&running)?.set_data(x).await?;
            DONE
        })
    }

    /// Adds points.
    #[wasm_bindgen(js_name = addPoints)]
    pub fn add_points(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let x = points(&x)?;
            take(&running)?.add_points(&x).await?;
            DONE
        })
    }

    /// Moves one point.
    #[wasm_bindgen(js_name = movePoint)]
    pub fn move_point(&self, i: usize, x: Vec<f32>) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let &[a, b] = x.as_slice() else {
                return Err(Refusal::new("x: expected two numbers."));
            };
            take(&running)?.move_point(i, [a, b])?;
            DONE
        })
    }

    /// Removes points by number.
    #[wasm_bindgen(js_name = removePoints)]
    pub fn remove_points(&self, ids: Vec<u32>) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let ids: Vec<usize> = ids.into_iter().map(|i| i as usize).collect();
            take(&running)?.remove_points(&ids).await?;
            DONE
        })
    }

    /// Where the chains of the replay buffer are and how many updates have moved each: {chains, ages}, empty where there is none.
    #[cfg(feature = "whole")]
    pub fn buffer(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let [chains, ages] = take(&running)?.buffer().await?;
            Ok(object(&[("chains", chains), ("ages", ages)])?.into())
        })
    }

    /// Where the particles are, [n · d].
    pub fn particles(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.particles().await?).into()) })
    }

    /// Puts the particles elsewhere.
    #[wasm_bindgen(js_name = setParticles)]
    pub fn set_particles(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            take(&running)?.set_particles(&x.to_vec())?;
            DONE
        })
    }

    /// The averaged weights as safetensors.
    #[wasm_bindgen(js_name = exportWeights)]
    pub fn export_weights(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(Uint8Array::from(take(&running)?.export_weights().await?.as_slice()).into()) })
    }

    /// Takes over weights from safetensors.
    #[wasm_bindgen(js_name = importWeights)]
    pub fn import_weights(&self, bytes: Uint8Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            take(&running)?.import_weights(&bytes.to_vec()).await?;
            DONE
        })
    }

    /// A copy of the run.
    pub fn snapshot(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let snapshot = take(&running)?.checkpoint().await?;
            Ok(Uint8Array::from(snapshot.to_bytes().as_slice()).into())
        })
    }

    /// Goes on from a copy.
    pub fn restore(&self, state: Uint8Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let snapshot = Snapshot::from_bytes(&state.to_vec())?;
            take(&running)?.restore(snapshot).await?;
            DONE
        })
    }

    /// Begins the run again: the same movie.
    pub fn reset(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            take(&running)?.reset()?;
            DONE
        })
    }

    /// Begins the run again with another seed.
    pub fn reseed(&self, seed: f64) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            if seed.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&seed) {
                return Err(crate::Error::value(
                    "seed",
                    number::print(seed),
                    format!("a whole number from 0 to {}", u32::MAX),
                )
                .into());
            }
            take(&running)?.reseed(seed as u32)?;
            DONE
        })
    }

    /// The selected particle's next move; null for none.
    pub fn select(&self, i: Option<usize>) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            match i {
                Some(i) => to_js(&Value::Object(take(&running)?.preview(i).await?)),
                None => Ok(JsValue::NULL),
            }
        })
    }

    /// Energy (where there is one), density (where it is known) and score at one point, [d].
    pub fn probe(&self, x: Vec<f32>) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let mut session = take(&running)?;
            let (energy, score) = session.evaluate(&x).await?;
            let d = session.space().dimension();
            if score.len() != d {
                return Err(crate::Error::value("x", format!("{} points", score.len() / d), "one point").into());
            }
            // Null where the model has none.
            let energy = energy.first().copied();
            let density = energy.and_then(|energy| session.density(energy));
            to_js(&json!({"energy": energy, "density": density, "score": score}))
        })
    }

    /// Destroys the GPU device: a hook for tests.
    #[wasm_bindgen(js_name = loseDevice)]
    pub fn lose_device(&self) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            take(&running)?.lose_device();
            DONE
        })
    }
}

/// A seed from the browser's own randomness.
#[wasm_bindgen(js_name = freshSeed)]
pub fn fresh_seed() -> Thrown<u32> {
    getrandom::u32().map_err(|e| Refusal::new(&e.to_string()))
}

/// Opens a backend of this build: `wasm` or `webgpu`. → The adapter's name, where there is one.
async fn open(backend: &str) -> Thrown<(Box<dyn Backend>, Option<String>)> {
    match backend {
        #[cfg(feature = "cpu")]
        "wasm" => Ok((Box::new(crate::backend::cpu::Cpu::<f32>::new()), None)),
        #[cfg(feature = "gpu")]
        "webgpu" => {
            let gpu = crate::backend::gpu::Gpu::new().await?;
            let adapter = gpu.describe().name;
            Ok((Box::new(gpu), Some(adapter)))
        }
        _ => Err(crate::Error::value("backend", backend, "one that this build of the core has").into()),
    }
}

fn lost(session: &Session) -> Thrown<()> {
    session.lost().map_or(Ok(()), |why| Err(Refusal::new(&why)))
}

fn points(x: &Float32Array) -> Thrown<Vec<[f32; 2]>> {
    let flat = x.to_vec();
    let (pairs, rest) = flat.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(crate::Error::value("x", format!("{} numbers", flat.len()), "an even number of numbers").into());
    }
    Ok(pairs.to_vec())
}

fn array(values: &[f32]) -> Float32Array {
    Float32Array::from(values)
}

fn set(object: &Object, key: &str, value: impl Into<JsValue>) -> Thrown<()> {
    Reflect::set(object, &key.into(), &value.into()).map(drop).map_err(|_| Refusal::new("a plain object takes any key"))
}

/// Named arrays.
#[cfg(feature = "whole")]
fn object(named: &[(&str, Vec<f32>)]) -> Thrown<Object> {
    let out = Object::new();
    for (name, values) in named {
        set(&out, name, array(values))?;
    }
    Ok(out)
}

fn to_js(value: &Value) -> Thrown<JsValue> {
    js_sys::JSON::parse(&value.to_string()).map_err(|_| Refusal::new("the core wrote JSON that is none"))
}

fn grid_to_js(grid: &session::Grid, key: &str) -> Thrown<Object> {
    let out = Object::new();
    set(&out, "columns", grid.side as f64)?;
    set(&out, "rows", grid.side as f64)?;
    set(&out, "extent", grid.extent.iter().map(|&v| JsValue::from(v)).collect::<Array>())?;
    set(&out, key, array(&grid.values))?;
    Ok(out)
}

fn frame_to_js(frame: &Frame) -> Thrown<Object> {
    let out = Object::new();
    let clock = frame.clock;
    let clock = json!({"update": clock.update, "stage": clock.stage, "substep": clock.substep, "steps": clock.steps});
    set(&out, "clock", to_js(&clock)?)?;
    set(&out, "particles", array(&frame.particles))?;
    if let Some(grid) = &frame.landscape {
        let landscape = grid_to_js(grid, "energy")?;
        let finite = grid.values.iter().copied().filter(|v| v.is_finite());
        let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        set(&landscape, "minimum", low)?;
        set(&landscape, "maximum", high)?;
        set(&landscape, "logZ", frame.log_partition.map_or(JsValue::NULL, JsValue::from))?;
        set(&out, "landscape", landscape)?;
    }
    if let Some(grid) = &frame.arrows {
        let arrows = grid_to_js(grid, "score")?;
        #[cfg(feature = "whole")]
        if let Some(truth) = &frame.true_arrows {
            set(&arrows, "truth", array(truth))?;
        }
        set(&out, "arrows", arrows)?;
    }
    if !frame.curves.is_empty() {
        let curves = Object::new();
        set(&curves, "columns", frame.columns.iter().map(|&c| JsValue::from(c)).collect::<Array>())?;
        set(&curves, "rows", array(&frame.curves))?;
        set(&out, "curves", curves)?;
    }
    let optional = |values: &Option<Vec<f32>>| values.as_deref().map_or(JsValue::NULL, |v| array(v).into());
    set(&out, "batch", optional(&frame.batch))?;
    set(&out, "negatives", optional(&frame.negatives))?;
    if let Some(points) = &frame.data {
        set(&out, "data", array(points))?;
    }
    if let Some(points) = &frame.test {
        set(&out, "test", array(points))?;
    }
    if let Some(metrics) = &frame.metrics {
        set(&out, "metrics", to_js(&Value::Object(metrics.clone()))?)?;
    }
    if let Some((counts, edges)) = &frame.ages {
        let buffer = Object::new();
        set(&buffer, "ages", array(counts))?;
        set(&buffer, "edges", array(edges))?;
        set(&out, "buffer", buffer)?;
    }
    Ok(out)
}

fn event_to_js(event: &Event) -> Thrown<JsValue> {
    let out = Object::new();
    set(&out, "grain", event.grain.name())?;
    set(&out, "stage", to_js(&json!(event.stage))?)?;
    set(&out, "substep", event.substep as f64)?;
    set(&out, "update", event.update as f64)?;
    set(&out, "numbers", to_js(&Value::Object(event.numbers.clone()))?)?;
    if let Some(moves) = &event.moves {
        let object = Object::new();
        set(&object, "position", array(&moves.position))?;
        for (name, values) in session::program::EVENTS.iter().zip(&moves.events) {
            set(&object, name, array(values))?;
        }
        set(&object, session::program::PATH, array(&moves.path))?;
        set(&out, "move", object)?;
    }
    Ok(out.into())
}
