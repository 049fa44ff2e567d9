//! What a user can choose about tracking.

use super::declare::choices;

choices! {
    /// Size of the landmark model: the larger, the steadier and the slower.
    pub enum ModelVariant: Full {
        /// Fastest.
        Lite = "lite",
        /// The usual choice.
        Full = "full",
        /// Most exact, about four times the cost of `full`.
        Heavy = "heavy",
    }
}

choices! {
    /// Whether hands are tracked.
    pub enum HandsMode: On {
        /// Bodies alone.
        Off = "off",
        /// Both hands of everybody whose body is tracked.
        On = "on",
        /// Hands without bodies, for a camera over a desk.
        Only = "only",
    }
}

choices! {
    /// Which hardware runs the models. What the loaded ONNX Runtime library does not have becomes the CPU.
    pub enum Provider: Cpu {
        /// The best of the library's own, but not `tensorrt`.
        Auto = "auto",
        /// The processor, which leaves the graphics card to the picture.
        Cpu = "cpu",
        /// NVIDIA's.
        Cuda = "cuda",
        /// NVIDIA's, with engines that are built for minutes at the first start.
        Tensorrt = "tensorrt",
        /// Apple's.
        Coreml = "coreml",
        /// Windows'.
        Directml = "directml",
        /// Intel's.
        Openvino = "openvino",
    }
}

choices! {
    /// How landmarks are smoothed over time.
    pub enum SmoothingMode: Ema {
        /// Landmarks as the model gives them.
        None = "none",
        /// Exponential moving average with weight `alpha` for the new value.
        Ema = "ema",
        /// One Euro filter: still when the person is still, quick when they are quick.
        OneEuro = "one-euro",
        /// MediaPipe's own filters, with its constants.
        Mediapipe = "mediapipe",
    }
}
