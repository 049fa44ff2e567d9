//! Shapes that spring bones stay out of.

use glam::{Affine3A, Vec3};

/// A shape that is fixed to a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Collider {
    /// Place of its node in the rig's list.
    pub node: usize,
    /// Its shape, in the node's space.
    pub shape: ColliderShape,
}

/// The shape of a collider, metres in the space of its node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColliderShape {
    /// A ball.
    Sphere {
        /// Its middle.
        offset: Vec3,
        /// Its radius.
        radius: f32,
    },
    /// All points near a line.
    Capsule {
        /// One end of the line.
        offset: Vec3,
        /// The other end.
        tail: Vec3,
        /// How near.
        radius: f32,
    },
}

impl Collider {
    /// Where a ball of this radius at `point` has to go so that it does not reach into the collider, which stands at
    /// `global`; `None` when it does not.
    #[must_use]
    pub fn push_out(&self, global: Affine3A, point: Vec3, radius: f32) -> Option<Vec3> {
        let (nearest, own) = match self.shape {
            ColliderShape::Sphere { offset, radius } => (global.transform_point3(offset), radius),
            ColliderShape::Capsule { offset, tail, radius } => {
                let (from, to) = (global.transform_point3(offset), global.transform_point3(tail));
                let line = to - from;
                let along = (point - from).dot(line) / line.length_squared();
                (from + line * (if along.is_finite() { along.clamp(0.0, 1.0) } else { 0.0 }), radius)
            }
        };
        let scale = global.transform_vector3(Vec3::X).length();
        let reach = own * scale + radius;
        let away = point - nearest;
        // From the very middle every way out is as good; up leaves the body soonest.
        (away.length() < reach).then(|| nearest + away.try_normalize().unwrap_or(Vec3::Y) * reach)
    }
}
