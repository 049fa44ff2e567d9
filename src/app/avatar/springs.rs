//! Hair and cloth: reads where an avatar's nodes stand after its pose was written, and writes the bones that swing.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use super::{Avatar, Figure, Standing};
use crate::motion::spring::{Local as LocalPlace, SpringRig, SpringSimulation};

/// What swings on one avatar.
#[derive(Component, Debug)]
pub(super) struct Springs {
    simulation: SpringSimulation,
    /// By place in the rig.
    nodes: Vec<Entity>,
    locals: Vec<LocalPlace>,
}

impl Springs {
    /// `None` when nothing swings.
    pub(super) fn new(rig: &SpringRig, nodes: &HashMap<usize, Entity>) -> Option<Self> {
        let nodes: Option<Vec<Entity>> = rig.nodes.iter().map(|node| nodes.get(&node.node).copied()).collect();
        let nodes = nodes.filter(|_| !rig.joints.is_empty())?;
        Some(Self { simulation: SpringSimulation::new(rig.clone()), locals: Vec::with_capacity(nodes.len()), nodes })
    }
}

/// Moves hair and cloth on. After the pose, before the engine works out where everything is.
pub(super) fn swing(
    time: Res<Time>,
    mut avatars: Query<(&mut Springs, &Standing, &Transform, &Figure), With<Avatar>>,
    mut transforms: Query<&mut Transform, Without<Avatar>>,
) {
    for (mut springs, standing, stands, figure) in &mut avatars {
        let Springs { simulation, nodes, locals } = &mut *springs;
        if !standing.is_visible {
            simulation.reset();
            continue;
        }
        locals.clear();
        locals.extend(nodes.iter().filter_map(|node| transforms.get(*node).ok()).map(|transform| LocalPlace {
            translation: transform.translation,
            rotation: transform.rotation,
            scale: transform.scale,
        }));
        simulation.advance(time.delta_secs(), stands.compute_affine() * figure.0, locals);
        for joint in &simulation.rig().joints {
            let (Some(node), Some(local)) = (nodes.get(joint.node), locals.get(joint.node)) else { continue };
            if let Ok(mut transform) = transforms.get_mut(*node) {
                transform.rotation = local.rotation;
            }
        }
    }
}
