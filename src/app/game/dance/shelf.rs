//! The dance that is danced next: read aside while players choose and step into view, so that a match begins with it in
//! hand.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};

use super::{Dances, ID};
use crate::app::game::Match;
use crate::app::game::round::{PrepareMatch, Preparing};
use crate::dance_library::{self, DanceList, LoadedDance};

/// A dance, or why it cannot be danced.
type Found = Result<Arc<LoadedDance>, String>;

/// The dance that was asked for last, by the name it was asked for.
#[derive(Resource, Default)]
pub(super) struct Shelf(Option<(String, Book)>);

enum Book {
    /// It is being read.
    Coming(Task<Found>),
    /// It was read.
    There(Found),
}

impl Shelf {
    /// The dance of this name; `None` for one that is not here.
    pub(super) fn get(&self, choice: &str) -> Option<&Found> {
        match &self.0 {
            Some((id, Book::There(found))) if id == choice => Some(found),
            _ => None,
        }
    }

    const fn is_coming(&self) -> bool {
        matches!(self.0, Some((_, Book::Coming(_))))
    }
}

/// Begins to read what was announced, and takes in what was read.
pub(super) fn fetch(
    mut announced: MessageReader<PrepareMatch>,
    dances: Res<Dances>,
    mut shelf: ResMut<Shelf>,
    mut preparing: ResMut<Preparing>,
) {
    if let Some(wanted) = announced.read().last() {
        // Also what is here already: its files may have been changed.
        shelf.0 = (wanted.game == ID).then(|| {
            let (choice, list) = (wanted.choice.clone(), dances.0.clone());
            let task = AsyncComputeTaskPool::get().spawn(async move { read(&choice, &list) });
            (wanted.choice.clone(), Book::Coming(task))
        });
    } else if shelf.is_coming()
        && let Some((_, book)) = &mut shelf.0
        && let Book::Coming(task) = book
        && let Some(found) = block_on(poll_once(task))
    {
        *book = Book::There(found);
    }
    if shelf.is_coming() {
        preparing.0 = Some(ID);
    } else if preparing.0 == Some(ID) {
        preparing.0 = None;
    }
}

/// A match that nobody announced, as without a window, waits here for its dance.
pub(super) fn fetch_at_once(dances: Res<Dances>, current: Res<Match>, mut shelf: ResMut<Shelf>) {
    if shelf.get(&current.choice).is_none() {
        shelf.0 = Some((current.choice.clone(), Book::There(read(&current.choice, &dances.0))));
    }
}

/// Reads a dance of the list, or of a newer one where the list does not have it.
fn read(choice: &str, list: &DanceList) -> Found {
    let newer = list.get(choice).is_none().then(dance_library::list);
    let list = newer.as_ref().unwrap_or(list);
    let Some(entry) = list.get(choice) else {
        let file = format!("{choice}{}", crate::formats::dance::DANCE_FILE_ENDING);
        let told = list.problems.iter().find(|problem| !choice.is_empty() && problem.contains(&file));
        return Err(told.cloned().unwrap_or_else(|| format!("there is no dance called {choice}")));
    };
    let loaded = dance_library::skeleton().and_then(|skeleton| dance_library::load(entry, skeleton));
    loaded.map(Arc::new).map_err(|error| error.to_string())
}
