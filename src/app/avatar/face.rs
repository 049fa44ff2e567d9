//! Expressions of the face: blinking by itself, the rest by whoever writes [`Expressions`] or another program.

use bevy::mesh::morph::MorphWeights;
use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use super::Avatar;
use crate::formats::avatar::Expression;
use crate::motion::blink::Blink;
use crate::motion::expressions::ExpressionWeights;

/// How far each expression of an avatar is shown. Names are those of VRM 1.0: `aa`, `happy`, `blinkLeft`.
#[derive(Component, Debug, Clone, PartialEq)]
pub struct Expressions {
    names: Vec<String>,
    weights: Vec<f32>,
    /// What another program shows, and how much of it is shown here.
    foreign: Vec<f32>,
    foreign_share: f32,
    shown: Vec<f32>,
    /// Whether the eyes blink by themselves, while nobody sets an expression that blinks.
    pub blinks_by_itself: bool,
}

impl Expressions {
    pub(super) fn new(expressions: &[Expression]) -> Self {
        let names: Vec<String> = expressions.iter().map(|expression| expression.name.clone()).collect();
        let none = vec![0.0; names.len()];
        Self {
            weights: none.clone(),
            foreign: none.clone(),
            foreign_share: 0.0,
            shown: none,
            names,
            blinks_by_itself: true,
        }
    }

    /// The expressions that this avatar has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Shows an expression, 0 not at all, 1 wholly, until it is set again. `false` when the avatar does not have it.
    pub fn set(&mut self, name: &str, weight: f32) -> bool {
        let place = self.names.iter().position(|known| known == name);
        let slot = place.and_then(|place| self.weights.get_mut(place));
        let is_known = slot.is_some();
        if let Some(slot) = slot {
            *slot = if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 };
        }
        is_known
    }

    /// How far an expression is set; 0 for one that the avatar does not have.
    #[must_use]
    pub fn get(&self, name: &str) -> f32 {
        let place = self.names.iter().position(|known| known == name);
        place.and_then(|place| self.weights.get(place)).copied().unwrap_or(0.0)
    }

    /// Shows so much of another program's face, 0 to 1, in the place of our own, blinking included.
    pub fn follow(&mut self, foreign: &ExpressionWeights, share: f32) {
        self.foreign_share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let has = |name: &str| self.names.iter().any(|known| known.eq_ignore_ascii_case(name));
        for (slot, name) in self.foreign.iter_mut().zip(&self.names) {
            let weight = foreign.on_avatar(name, has);
            *slot = if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 };
        }
    }

    /// Every expression of this avatar as it is shown in this frame.
    #[must_use]
    pub fn shown(&self) -> ExpressionWeights {
        ExpressionWeights(self.names.iter().cloned().zip(self.shown.iter().copied()).collect())
    }
}

/// The shapes that expressions move, and the blinking.
#[derive(Component, Debug)]
pub(super) struct Face {
    /// By expression: whether it is all or nothing, and entity, shape and weight of what it moves.
    moves: Vec<(bool, Vec<(Entity, usize, f32)>)>,
    /// The expressions that close the eyes.
    blinking: Vec<usize>,
    blink: Blink,
}

impl Face {
    pub(super) fn new(expressions: &[Expression], nodes: &HashMap<usize, Entity>, seed: u64) -> Self {
        let moves = |expression: &Expression| {
            let binds = expression.binds.iter();
            let found = binds.filter_map(|bind| Some((*nodes.get(&bind.node)?, bind.shape, bind.weight)));
            (expression.is_binary, found.collect())
        };
        let places = |names: &[&str]| -> Vec<usize> {
            let named = |(_, expression): &(usize, &Expression)| names.contains(&expression.name.as_str());
            expressions.iter().enumerate().filter(named).map(|(place, _)| place).collect()
        };
        let both = places(&["blink"]);
        let blinking = if both.is_empty() { places(&["blinkLeft", "blinkRight"]) } else { both };
        Self { moves: expressions.iter().map(moves).collect(), blinking, blink: Blink::new(seed) }
    }
}

/// Decides how far each expression is shown: what is set, what another program sends, and blinking.
pub(super) fn decide_expressions(time: Res<Time>, mut avatars: Query<(&mut Expressions, &mut Face), With<Avatar>>) {
    for (mut expressions, mut face) in &mut avatars {
        let closed = face.blink.weight(time.elapsed_secs_f64());
        let is_set = ["blink", "blinkLeft", "blinkRight"].iter().any(|name| expressions.get(name) > 0.0);
        let closed = if expressions.blinks_by_itself && !is_set { closed } else { 0.0 };
        let Expressions { weights, foreign, foreign_share, shown, .. } = &mut *expressions;
        for (place, (shown, (own, foreign))) in shown.iter_mut().zip(weights.iter().zip(&*foreign)).enumerate() {
            let own = if face.blinking.contains(&place) { own.max(closed) } else { *own };
            let weight = own + (foreign - own) * *foreign_share;
            let is_binary = face.moves.get(place).is_some_and(|(is_binary, _)| *is_binary);
            *shown = if is_binary { weight.round() } else { weight };
        }
    }
}

/// Writes the shapes of every avatar's face.
pub(super) fn show_expressions(
    avatars: Query<(&Expressions, &Face), With<Avatar>>,
    mut shapes: Query<&mut MorphWeights>,
    mut sums: Local<HashMap<Entity, Vec<f32>>>,
) {
    for (expressions, face) in &avatars {
        sums.clear();
        for ((_, moves), weight) in face.moves.iter().zip(&expressions.shown) {
            for (entity, shape, whole) in moves {
                let sum = sums.entry(*entity).or_default();
                sum.resize(sum.len().max(shape + 1), 0.0);
                if let Some(slot) = sum.get_mut(*shape) {
                    *slot += weight * whole;
                }
            }
        }
        for (entity, sum) in &*sums {
            let Ok(mut shown) = shapes.get_mut(*entity) else { continue };
            let is_same = shown.weights().iter().zip(sum).all(|(shown, sum)| (shown - sum).abs() < 1e-6);
            if !is_same {
                for (shown, sum) in shown.weights_mut().iter_mut().zip(sum) {
                    *shown = *sum;
                }
            }
        }
    }
}
