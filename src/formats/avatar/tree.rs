//! The tree of nodes below the scene, as the file holds it.

use glam::Affine3A;

use super::document::Document;
use super::error::{AvatarError, damaged, too_large};

/// Most levels from the root to a leaf: the engine's loader calls itself for each.
const MAX_DEPTH: usize = 200;

/// The nodes of the scene that is shown.
#[derive(Debug)]
pub(in crate::formats) struct Tree {
    /// The scene's own nodes.
    pub roots: Vec<usize>,
    /// The scene's nodes, parents before children.
    pub order: Vec<usize>,
    /// By node: where it stands; `None` for those outside the scene.
    pub placed: Vec<Option<Placed>>,
}

/// A node with its place.
#[derive(Debug, Clone, Copy)]
pub(in crate::formats) struct Placed {
    pub parent: Option<usize>,
    /// In the parent's space.
    pub local: Affine3A,
    /// In the scene's space.
    pub global: Affine3A,
    depth: usize,
}

impl Tree {
    /// Walks the scene from its roots.
    ///
    /// # Errors
    /// [`AvatarError`] for nodes that are not there, have two parents, or stand nowhere.
    pub(in crate::formats) fn new(document: &Document) -> Result<Self, AvatarError> {
        let scene = document.scenes.get(document.scene.unwrap_or(0)).ok_or_else(|| damaged("it has no scene"))?;
        let mut tree = Self { roots: scene.nodes.clone(), order: Vec::new(), placed: vec![None; document.nodes.len()] };
        let mut open: Vec<(usize, Option<usize>)> = scene.nodes.iter().rev().map(|node| (*node, None)).collect();
        while let Some((index, parent)) = open.pop() {
            let node = document.nodes.get(index).ok_or_else(|| damaged("a node refers to one that is not there"))?;
            if node.parts().is_none() {
                return Err(damaged(format!("node {index} stands nowhere: its transform is no number")));
            }
            let above = parent.and_then(|parent| tree.get(parent));
            let local = node.local();
            let global = above.map_or(Affine3A::IDENTITY, |above| above.global) * local;
            let depth = above.map_or(0, |above| above.depth + 1);
            if depth > MAX_DEPTH {
                return Err(too_large(format!("nodes nested more than {MAX_DEPTH} deep")));
            }
            if !global.is_finite() {
                return Err(damaged(format!("node {index} stands nowhere: its place is no number")));
            }
            let placed = tree.placed.get_mut(index).ok_or_else(|| damaged("a node is not there"))?;
            if placed.replace(Placed { parent, local, global, depth }).is_some() {
                return Err(damaged("a node has two parents"));
            }
            tree.order.push(index);
            open.extend(node.children.iter().rev().map(|child| (*child, Some(index))));
        }
        Ok(tree)
    }

    /// Where a node stands, if it is in the scene.
    pub(in crate::formats) fn get(&self, node: usize) -> Option<&Placed> {
        self.placed.get(node)?.as_ref()
    }

    /// The node and those above it, upwards.
    pub(in crate::formats) fn upwards(&self, node: usize) -> impl Iterator<Item = usize> {
        let known = self.get(node).map(|_| node);
        std::iter::successors(known, |node| self.get(*node)?.parent)
    }

    /// Whether `node` lies below `ancestor`.
    pub(in crate::formats) fn is_below(&self, node: usize, ancestor: usize) -> bool {
        self.upwards(node).skip(1).any(|above| above == ancestor)
    }

    /// The lowest node that all of these are or lie below.
    pub(in crate::formats) fn common(&self, nodes: &[usize]) -> Option<usize> {
        let (first, others) = nodes.split_first()?;
        self.upwards(*first).find(|above| others.iter().all(|other| other == above || self.is_below(*other, *above)))
    }
}
