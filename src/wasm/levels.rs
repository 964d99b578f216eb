//! Questions to models of noise levels, as JavaScript asks them.

use super::*;

#[wasm_bindgen]
impl Engine {
    /// ln p(x) by the probability flow, of models of noise levels: [2n] → [n]. `pause` returns a promise that lets others have
    /// their turn.
    #[wasm_bindgen(js_name = logLikelihood)]
    pub fn log_likelihood(&self, x: Float32Array, pause: js_sys::Function) -> Promise {
        let running = Rc::clone(&self.running);
        promise(
            async move { Ok(array(&take(&running)?.log_likelihood(&x.to_vec(), &mut || breath(&pause)).await?).into()) },
        )
    }

    /// Where the first samples are going to be: places [2n] of their next steps, where they are now before them.
    pub fn future(&self, most: usize) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move {
            let places = take(&running)?.future(most).await?;
            Ok(places.iter().map(|x| JsValue::from(array(x))).collect::<Array>().into())
        })
    }

    /// Points [2n] as they are at the level that is shown, [2n].
    pub fn noised(&self, x: Float32Array) -> Promise {
        let running = Rc::clone(&self.running);
        promise(async move { Ok(array(&take(&running)?.noised(&x.to_vec()).await?).into()) })
    }
}
