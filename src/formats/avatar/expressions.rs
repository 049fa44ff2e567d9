//! Expressions of the face: which shapes of which meshes each of them moves, and how far.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Document;
use super::geometry::KeptShapes;

/// An expression, named as in VRM 1.0: `blink`, `blinkLeft`, `aa`, `happy`, or a name of the file's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// Its name.
    pub name: String,
    /// Whether it is on or off with nothing between.
    pub is_binary: bool,
    /// The shapes that it moves.
    pub binds: Vec<ShapeBind>,
}

/// How far an expression moves one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapeBind {
    /// The node that shows the mesh.
    pub node: usize,
    /// The number of the shape (morph target) in that mesh.
    pub shape: usize,
    /// The shape's weight when the expression is whole.
    pub weight: f32,
}

/// Every expression of a file: VRM's own, or shapes of usual names.
pub(super) fn read(document: &Document) -> Vec<Expression> {
    let mut found = vrm1(document).or_else(|| vrm0(document)).unwrap_or_else(|| by_name(document));
    for expression in &mut found {
        expression.binds.retain(|bind| {
            bind.weight.is_finite() && bind.shape < shape_count(document, bind.node) && bind.weight != 0.0
        });
        expression.binds.iter_mut().for_each(|bind| bind.weight = bind.weight.clamp(-1.0, 1.0));
    }
    found.retain(|expression| !expression.binds.is_empty());
    found
}

/// Mesh and shape of everything that the expressions move.
pub(super) fn wanted(document: &Document, expressions: &[Expression]) -> Vec<(usize, usize)> {
    let mesh = |bind: &ShapeBind| Some((document.nodes.get(bind.node)?.mesh?, bind.shape));
    expressions.iter().flat_map(|expression| &expression.binds).filter_map(mesh).collect()
}

/// Counts shapes as the written file does, which only has those that are kept.
pub(super) fn renumber(document: &Document, kept: &KeptShapes, expressions: &mut Vec<Expression>) {
    for expression in expressions.iter_mut() {
        expression.binds.retain_mut(|bind| {
            let mesh = document.nodes.get(bind.node).and_then(|node| node.mesh);
            let place = mesh
                .and_then(|mesh| kept.get(&mesh))
                .and_then(|shapes| shapes.iter().position(|shape| *shape == bind.shape));
            bind.shape = place.unwrap_or(bind.shape);
            place.is_some()
        });
    }
    expressions.retain(|expression| !expression.binds.is_empty());
}

fn shape_count(document: &Document, node: usize) -> usize {
    let mesh = document.nodes.get(node).and_then(|node| document.meshes.get(node.mesh?));
    mesh.map_or(0, |mesh| mesh.primitives.iter().map(|primitive| primitive.targets.len()).max().unwrap_or(0))
}

fn whole(value: Option<&Value>) -> Option<usize> {
    usize::try_from(value?.as_u64()?).ok()
}

/// Source: VRM 1.0 expressions specification.
fn vrm1(document: &Document) -> Option<Vec<Expression>> {
    let expressions = document.extensions.get("VRMC_vrm")?.get("expressions");
    let mut found = Vec::new();
    for group in ["preset", "custom"] {
        for (name, expression) in expressions.and_then(|e| e.get(group)?.as_object()).into_iter().flatten() {
            let bind = |bind: &Value| {
                Some(ShapeBind {
                    node: whole(bind.get("node"))?,
                    shape: whole(bind.get("index"))?,
                    weight: bind.get("weight").and_then(Value::as_f64).unwrap_or(1.0) as f32,
                })
            };
            let binds = expression.get("morphTargetBinds").and_then(Value::as_array);
            found.push(Expression {
                name: name.clone(),
                is_binary: expression.get("isBinary").and_then(Value::as_bool).unwrap_or(false),
                binds: binds.into_iter().flatten().filter_map(bind).collect(),
            });
        }
    }
    Some(found)
}

/// Source: VRM 0.x, `blendShapeMaster`. Names are given as VRM 1.0 has them, weights as parts of 1.
fn vrm0(document: &Document) -> Option<Vec<Expression>> {
    let groups =
        document.extensions.get("VRM")?.pointer("/blendShapeMaster/blendShapeGroups").and_then(Value::as_array);
    let expression = |group: &Value| {
        let text = |name: &str| group.get(name).and_then(Value::as_str).unwrap_or_default();
        let preset = match text("presetName").to_lowercase().as_str() {
            "a" => "aa",
            "i" => "ih",
            "u" => "ou",
            "e" => "ee",
            "o" => "oh",
            "blink" => "blink",
            "blink_l" => "blinkLeft",
            "blink_r" => "blinkRight",
            "joy" => "happy",
            "angry" => "angry",
            "sorrow" => "sad",
            "fun" => "relaxed",
            "neutral" => "neutral",
            "lookup" => "lookUp",
            "lookdown" => "lookDown",
            "lookleft" => "lookLeft",
            "lookright" => "lookRight",
            _ => "",
        };
        let mut binds = Vec::new();
        for bind in group.get("binds").and_then(Value::as_array).into_iter().flatten() {
            let Some((mesh, shape)) = whole(bind.get("mesh")).zip(whole(bind.get("index"))) else { continue };
            let weight = bind.get("weight").and_then(Value::as_f64).unwrap_or(100.0) as f32 / 100.0;
            // A mesh may be shown by several nodes.
            let nodes = document.nodes.iter().enumerate().filter(|(_, node)| node.mesh == Some(mesh));
            binds.extend(nodes.map(|(node, _)| ShapeBind { node, shape, weight }));
        }
        Expression {
            name: (if preset.is_empty() { text("name") } else { preset }).to_owned(),
            is_binary: group.get("isBinary").and_then(Value::as_bool).unwrap_or(false),
            binds,
        }
    };
    Some(groups.into_iter().flatten().map(expression).collect())
}

/// Shapes that bear the names of `ARKit`, Oculus or VRM itself, where the file says nothing else.
fn by_name(document: &Document) -> Vec<Expression> {
    let mut found = BTreeMap::<&'static str, Vec<ShapeBind>>::new();
    for (node, mesh) in document.nodes.iter().enumerate().filter_map(|(index, node)| Some((index, node.mesh?))) {
        let Some(mesh) = document.meshes.get(mesh) else { continue };
        // Some programs write the names at the mesh, some at its first part.
        let extras = mesh.extras.as_ref().or_else(|| mesh.primitives.first()?.extras.as_ref());
        let names = extras.and_then(|extras| extras.get("targetNames")?.as_array());
        for (shape, name) in names.into_iter().flatten().enumerate() {
            let key: String = name.as_str().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
            let expression = match key.to_lowercase().as_str() {
                "eyesclosed" | "blink" | "eyeblink" => "blink",
                "eyeblinkleft" | "blinkleft" | "blinkl" | "eyeblinkl" => "blinkLeft",
                "eyeblinkright" | "blinkright" | "blinkr" | "eyeblinkr" => "blinkRight",
                "visemeaa" | "aa" | "vrcvaa" => "aa",
                "visemei" | "visemeih" | "ih" | "vrcvih" => "ih",
                "visemeu" | "visemeou" | "ou" | "vrcvou" => "ou",
                "visemee" | "ee" | "vrcve" => "ee",
                "visemeo" | "visemeoh" | "oh" | "vrcvoh" => "oh",
                "mouthsmile" | "happy" | "smile" => "happy",
                _ => continue,
            };
            found.entry(expression).or_default().push(ShapeBind { node, shape, weight: 1.0 });
        }
    }
    let expression = |(name, binds): (&str, _)| Expression { name: name.to_owned(), is_binary: false, binds };
    found.into_iter().map(expression).collect()
}
