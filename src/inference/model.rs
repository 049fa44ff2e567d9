//! One opened model: its session, its input tensor, its checked outputs.

use std::time::Instant;

use ort::session::{Session, SessionOutputs, builder::GraphOptimizationLevel};
use ort::value::{Outlet, Tensor};

use super::manifest::{ModelSpec, ModelStore, TensorSpec};
use super::{InferenceError, provider, runtime};
use crate::frame::Timings;
use crate::settings::Provider;

/// What runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compute {
    /// Threads of each session on the CPU, at least 1.
    pub threads: usize,
    /// The hardware; the CPU takes over where it is missing or refuses a model.
    pub provider: Provider,
}

impl Default for Compute {
    fn default() -> Self {
        Self { threads: 1, provider: Provider::Cpu }
    }
}

/// A model with one square picture as its input. The input tensor is allocated once and written in place.
pub(super) struct Model {
    spec: ModelSpec,
    session: Session,
    input: Tensor<f32>,
}

impl Model {
    /// Checks the model's hash, opens it and compares its tensors with the manifest.
    pub(super) fn open(store: &ModelStore, name: &str, compute: Compute) -> Result<Self, InferenceError> {
        let spec = store.spec(name)?.clone();
        let bytes = store.read(name)?;
        let environment = runtime::environment()?;
        let failed = |reason: String| InferenceError::Session { name: name.to_owned(), reason };
        let open = |provider: Provider| -> ort::Result<(Session, Tensor<f32>)> {
            let builder = Session::builder(&environment)?;
            let builder = match provider::dispatch(provider) {
                Some(hardware) => builder.with_execution_providers([hardware])?,
                None => builder,
            };
            // Spinning threads would take the cores that rendering needs; lower optimisation levels are 2 to 4 times slower.
            let session = builder
                .with_intra_threads(compute.threads.max(1))?
                .with_inter_threads(1)?
                .with_intra_op_spinning(false)?
                .with_inter_op_spinning(false)?
                .with_optimization_level(GraphOptimizationLevel::All)?
                .commit_from_memory(&bytes)?;
            let count = spec.input.shape.iter().product::<i64>().unsigned_abs() as usize;
            let input = Tensor::from_array((spec.input.shape.clone(), vec![0.0_f32; count]))?;
            Ok((session, input))
        };
        let (chosen, words) = provider::choose(compute.provider, provider::is_in_library);
        if let Some(words) = words {
            provider::say_once(&words);
        }
        let opened = open(chosen).or_else(|error| {
            if chosen == Provider::Cpu {
                return Err(error);
            }
            let reason = error.to_string().replace('\n', " ");
            provider::say_once(&format!("{} cannot be used ({reason}): running on the CPU", provider::name(chosen)));
            open(Provider::Cpu)
        });
        let (session, input) = opened.map_err(|error| failed(error.to_string()))?;
        check_tensors(std::slice::from_ref(&spec.input), session.inputs()).map_err(failed)?;
        check_tensors(&spec.outputs, session.outputs()).map_err(failed)?;
        Ok(Self { spec, session, input })
    }

    /// Side of the square input in pixels.
    pub(super) fn input_side(&self) -> usize {
        self.spec.input.shape.last().map_or(0, |side| side.unsigned_abs() as usize)
    }

    /// Values of black and of full colour in the input.
    pub(super) fn input_range(&self) -> [f32; 2] {
        self.spec.input.range.unwrap_or([0.0, 1.0])
    }

    /// The input tensor's values: the red plane, then green, then blue.
    pub(super) fn input_mut(&mut self) -> &mut [f32] {
        self.input.extract_tensor_mut().1
    }

    /// Runs the model on what its input holds and adds the time to `timings.model`.
    pub(super) fn run(&mut self, timings: &mut Timings) -> Result<Outputs<'_>, InferenceError> {
        let start = Instant::now();
        let result = self.session.run(ort::inputs![&self.input]);
        timings.model += start.elapsed().as_secs_f32() * 1e3;
        let values = result.map_err(|error| run_failed(&self.spec.name, &error.to_string()))?;
        Ok(Outputs { model: &self.spec.name, values })
    }
}

/// What a model yielded for one picture.
pub(super) struct Outputs<'a> {
    model: &'a str,
    values: SessionOutputs<'a>,
}

impl Outputs<'_> {
    /// The values of the output `name`, `count` of them.
    pub(super) fn tensor(&self, name: &str, count: usize) -> Result<&[f32], InferenceError> {
        let value = self.values.get(name).ok_or_else(|| run_failed(self.model, &format!("no output {name}")))?;
        let (_, data) = value
            .try_extract_tensor::<f32>()
            .map_err(|error| run_failed(self.model, &format!("output {name}: {error}")))?;
        if data.len() != count {
            return Err(run_failed(self.model, &format!("output {name} holds {} values, not {count}", data.len())));
        }
        Ok(data)
    }
}

fn run_failed(name: &str, reason: &str) -> InferenceError {
    InferenceError::Run { name: name.to_owned(), reason: reason.to_owned() }
}

fn check_tensors(expected: &[TensorSpec], found: &[Outlet]) -> Result<(), String> {
    for spec in expected {
        let shape =
            found.iter().find(|outlet| outlet.name() == spec.name).and_then(|outlet| outlet.dtype().tensor_shape());
        match shape {
            Some(shape) if **shape == spec.shape[..] => {}
            Some(shape) => return Err(format!("tensor {} has shape {shape:?}, not {:?}", spec.name, spec.shape)),
            None => return Err(format!("it has no tensor {}", spec.name)),
        }
    }
    Ok(())
}
