//! Ctrl-C and a polite kill close the window as its button does, so that a recording is completed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy::prelude::*;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether a signal asked the program to end, and whether that is under way.
#[derive(Resource, Default)]
struct EndAsked {
    asked: Arc<AtomicBool>,
    closing: Arc<AtomicBool>,
}

/// Hears of signals. One that comes while the window closes ends the program at once; one that is sent twice in the same
/// moment, as some programs do, counts once.
pub(super) fn plugin(app: &mut App) {
    let end = EndAsked::default();
    for signal in [SIGINT, SIGTERM] {
        let heard = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&end.closing))
            .and_then(|_| flag::register(signal, Arc::clone(&end.asked)));
        if let Err(error) = heard {
            warn!("signals cannot be heard of ({error}): Ctrl-C ends the program without finishing a recording");
        }
    }
    app.insert_resource(end).add_systems(Update, close);
}

fn close(end: Res<EndAsked>, mut exits: MessageWriter<AppExit>) {
    if end.asked.swap(false, Ordering::Relaxed) {
        end.closing.store(true, Ordering::Relaxed);
        exits.write(AppExit::Success);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_from_outside_closes_the_app_once() {
        let mut app = App::new();
        let end = EndAsked::default();
        let (asked, closing) = (Arc::clone(&end.asked), Arc::clone(&end.closing));
        app.insert_resource(end).add_systems(Update, close);
        app.update();
        assert!(app.should_exit().is_none() && !closing.load(Ordering::Relaxed));
        asked.store(true, Ordering::Relaxed);
        app.update();
        assert_eq!(app.should_exit(), Some(AppExit::Success));
        assert!(closing.load(Ordering::Relaxed), "a second one is heard at once");
    }
}
