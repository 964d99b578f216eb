//! The divergence guard: it stops what goes wrong, goes back to the last good copy and names a dial.

use super::*;
use crate::session::program::HISTORY_COLUMNS;

/// Trains up to the guard's word; every update is looked at, as the page does with the ring of losses.
fn until_it_trips(session: &mut Session, updates: usize) -> Option<Guard> {
    (0..updates).find_map(|_| {
        session.train(1).unwrap();
        block_on(session.check()).unwrap()
    })
}

#[test]
fn a_hundredfold_learning_rate_is_stopped_and_the_run_goes_on_from_its_last_good_copy() {
    // Every step of Adam's moves every weight by the rate: at 1 the energies of three layers pass all bounds at once.
    let optimizer = json!({"id": "adam", "learningRate": 1.0});
    for objective in ["contrastive-divergence", "persistent-contrastive-divergence"] {
        let objective = json!({"id": objective, "regularisation": 0.0});
        let mut session = small(json!({"objective": &objective}));
        assert_eq!(until_it_trips(&mut session, 200), None);
        let good = block_on(session.checkpoint()).unwrap();
        configure(&mut session, json!({"optimizer": &optimizer}));
        let guard = until_it_trips(&mut session, 300).unwrap_or_else(|| panic!("{objective} with {optimizer} goes on"));
        assert_eq!((guard.restored, session.clock().update), (good.clock.update, good.clock.update));
        assert!(guard.update > guard.restored && guard.dial == "optimizer.learningRate", "{guard:?}");
        assert_eq!(parameters(&mut session), good.state[slot::PARAMETERS]);
        assert_eq!(session.config().optimizer.number("learningRate"), 1.0, "the dial stays for the visitor to turn");
        configure(&mut session, json!({"optimizer": {"learningRate": 0.0001}}));
        assert_eq!(until_it_trips(&mut session, 50), None);
        assert_eq!(session.clock().update, 250);
    }
}

#[test]
fn a_number_that_is_none_is_stopped_and_the_weights_come_back() {
    for variety in varieties() {
        let mut session = small(variety.clone());
        session.train(5).unwrap();
        let good = block_on(session.checkpoint()).unwrap();
        let range = session.range(slot::PARAMETERS);
        session.backend.write(range.start + 3, &[f32::NAN]).unwrap();
        session.train(1).unwrap();
        block_on(session.checkpoint()).unwrap();
        let guard = block_on(session.check()).unwrap().expect("the loss is no number");
        assert_eq!((guard.code, guard.update, guard.restored), ("non-finite", 6, 5), "{variety}");
        assert!(guard.dial.contains('.'));
        assert_eq!(parameters(&mut session), good.state[slot::PARAMETERS], "{variety}");
        session.train(3).unwrap();
        assert_eq!(block_on(session.check()).unwrap(), None);
        assert_eq!(session.clock().update, 8);
    }
}

#[test]
fn a_copy_with_numbers_that_are_none_ends_at_the_beginning() {
    let mut session = small(json!({}));
    session.train(5).unwrap();
    let mut copy = block_on(session.snapshot()).unwrap();
    let mut spoilt = copy.state[slot::PARAMETERS].clone();
    spoilt[0] = f32::NAN;
    copy.state.insert(slot::PARAMETERS.into(), spoilt);
    let copy = Snapshot::from_bytes(&copy.to_bytes()).unwrap();
    block_on(session.restore(copy)).unwrap();
    session.train(1).unwrap();
    let guard = block_on(session.check()).unwrap().expect("the loss is no number");
    assert_eq!((guard.code, guard.restored), ("non-finite", 0));
    let first = parameters(&mut small(json!({})));
    assert_eq!(parameters(&mut session), first, "there is no good copy but the beginning");
}

#[test]
fn the_guard_outlives_edits_and_other_networks() {
    let mut session = small(varieties().remove(1));
    session.train(50).unwrap();
    block_on(session.checkpoint()).unwrap();
    session.move_point(0, [1.0, 1.0]).unwrap();
    configure(&mut session, json!({"model": {"widths": [12, 9]}}));
    let weights = parameters(&mut session);
    let range = session.range(slot::PARAMETERS);
    session.backend.write(range.start, &[f32::INFINITY]).unwrap();
    session.train(1).unwrap();
    let guard = block_on(session.check()).unwrap().unwrap();
    assert_eq!(guard.restored, 50);
    assert_eq!(parameters(&mut session), weights);
    assert_eq!(session.data()[0], [1.0, 1.0]);
}

#[test]
fn what_went_wrong_between_two_looks_is_seen() {
    let mut session = small(json!({}));
    session.train(3).unwrap();
    assert_eq!(block_on(session.check()).unwrap(), None);
    session.train(4).unwrap();
    // The sixth update's loss: the ring holds it, while those of the last one are sound.
    let row = session.range(slot::HISTORY).start + 5 * HISTORY_COLUMNS;
    session.backend.write(row, &[f32::INFINITY]).unwrap();
    let guard = block_on(session.check()).unwrap().expect("an update's loss is no number");
    assert_eq!((guard.code, guard.update), ("non-finite", 7));
    // Back at the start all of them are new; an update is looked at once.
    session.train(7).unwrap();
    assert_eq!(block_on(session.check()).unwrap(), None);
    session.backend.write(row, &[f32::INFINITY]).unwrap();
    session.train(1).unwrap();
    assert_eq!(block_on(session.check()).unwrap(), None);
}
