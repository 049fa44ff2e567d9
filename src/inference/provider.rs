//! Which hardware runs the models.

use std::sync::Once;

use ort::ep::{self, ExecutionProvider, ExecutionProviderDispatch};

use crate::settings::Provider;

/// What `auto` tries, the best first. `TensorRT` is left to those who ask for it: it builds its engines for minutes.
const BEST_FIRST: [Provider; 4] = [Provider::Cuda, Provider::Coreml, Provider::Directml, Provider::Openvino];

/// The provider to use where `wanted` was asked for and `is_there` tells what the loaded library has; with the words that
/// say so when it is not the one asked for.
pub(super) fn choose(wanted: Provider, is_there: impl Fn(Provider) -> bool) -> (Provider, Option<String>) {
    match wanted {
        Provider::Cpu => (Provider::Cpu, None),
        Provider::Auto => (BEST_FIRST.into_iter().find(|one| is_there(*one)).unwrap_or(Provider::Cpu), None),
        named if is_there(named) => (named, None),
        missing => (
            Provider::Cpu,
            Some(format!(
                "this ONNX Runtime library has no provider {}: running on the CPU; point ORT_DYLIB_PATH to one that has it",
                name(missing)
            )),
        ),
    }
}

/// Whether the loaded library was built with this provider.
pub(super) fn is_in_library(provider: Provider) -> bool {
    let found = match provider {
        Provider::Auto | Provider::Cpu => return true,
        Provider::Cuda => ep::CUDA::is_available(),
        Provider::Tensorrt => ep::TensorRT::is_available(),
        Provider::Coreml => ep::CoreML::is_available(),
        Provider::Directml => ep::DirectML::is_available(),
        Provider::Openvino => ep::OpenVINO::is_available(),
    };
    found.unwrap_or(false)
}

/// What a session is built with; `None` for the CPU, which needs nothing.
pub(super) fn dispatch(provider: Provider) -> Option<ExecutionProviderDispatch> {
    let dispatch = match provider {
        Provider::Auto | Provider::Cpu => return None,
        Provider::Cuda => ep::CUDA::default().build(),
        Provider::Tensorrt => ep::TensorRT::default().build(),
        Provider::Coreml => ep::CoreML::default().build(),
        Provider::Directml => ep::DirectML::default().build(),
        Provider::Openvino => ep::OpenVINO::default().build(),
    };
    Some(dispatch.error_on_failure())
}

/// As it is typed.
pub(super) const fn name(provider: Provider) -> &'static str {
    match provider {
        Provider::Auto => "auto",
        Provider::Cpu => "cpu",
        Provider::Cuda => "cuda",
        Provider::Tensorrt => "tensorrt",
        Provider::Coreml => "coreml",
        Provider::Directml => "directml",
        Provider::Openvino => "openvino",
    }
}

/// Says something about the provider once, however many models are opened.
pub(super) fn say_once(words: &str) {
    static SAID: Once = Once::new();
    SAID.call_once(|| tracing::warn!("{words}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_and_there_is_used() {
        assert_eq!(choose(Provider::Cuda, |_| true), (Provider::Cuda, None));
        assert_eq!(choose(Provider::Cpu, |_| true), (Provider::Cpu, None));
    }

    #[test]
    fn auto_takes_the_best_that_is_there() {
        assert_eq!(choose(Provider::Auto, |_| true).0, Provider::Cuda, "never TensorRT by itself");
        assert_eq!(choose(Provider::Auto, |one| one == Provider::Openvino).0, Provider::Openvino);
        assert_eq!(choose(Provider::Auto, |_| false), (Provider::Cpu, None));
    }

    #[test]
    fn what_is_missing_becomes_the_cpu_with_one_line() {
        for wanted in [Provider::Cuda, Provider::Tensorrt, Provider::Coreml, Provider::Directml, Provider::Openvino] {
            let (used, line) = choose(wanted, |_| false);
            let line = line.expect("a line");
            assert_eq!(used, Provider::Cpu);
            assert!(line.contains(name(wanted)) && !line.contains('\n'), "{line}");
        }
    }
}
