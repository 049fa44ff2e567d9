#!/usr/bin/env python3
"""Converts MediaPipe's TensorFlow Lite models to the ONNX files in models/, as models/manifest.toml says.

    python scripts/convert_models.py --sources DIR [--output DIR] [--only NAME]

DIR holds the unpacked source packages; each .tflite file is searched in it by the end of its path. Without --output nothing is written:
each conversion is only compared with the manifest's SHA-256. Needs Python 3.11 and the packages tflite, onnx and numpy.

The graphs become NCHW. Weights stay float16 followed by a Cast, which ONNX Runtime folds when it loads the model. Three
rewrites, chosen for each model in the manifest, make them faster without changing what they compute:

    prelu  a PReLU with one slope a channel becomes two depthwise 1x1 convolutions (ONNX Runtime has no blocked PReLU)
    pad    zero channels appended by a Pad come from a 1x1 convolution, which stays in the blocked layout
    swap   a 1x1 convolution after a resize moves before it
"""

import argparse
import collections
import hashlib
import pathlib
import shlex
import sys
import tomllib

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPSET, IR_VERSION = 13, 8
OPERATOR_NAMES = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
DTYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
}
CHANNELS_FIRST = [0, 3, 1, 2]


def options(operator, kind):
    """The operator's builtin options as `kind`."""
    result, table = kind(), operator.BuiltinOptions()
    result.Init(table.Bytes, table.Pos)
    return result


def same_padding(size, kernel, stride, dilation):
    """Padding before and after one axis under TensorFlow's rule SAME."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def padding(rule, size, kernel, stride, dilation=(1, 1)):
    """ONNX pads [top, left, bottom, right]."""
    if rule == tflite.Padding.VALID:
        return [0, 0, 0, 0]
    (top, bottom), (left, right) = (same_padding(*axis) for axis in zip(size, kernel, stride, dilation))
    return [top, left, bottom, right]


class Converter:
    """One model on its way from TensorFlow Lite to ONNX. Names are numbered in the order of their making, so that the
    same source gives the same bytes."""

    def __init__(self, data, names, keep, rewrites):
        self.model = tflite.Model.GetRootAs(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.output_names, self.keep, self.rewrites = names, keep, rewrites
        self.nodes, self.initializers = [], {}
        self.names = {}  # tensor index -> ONNX name
        self.constants = {}  # tensor index -> array
        self.channels_last = set()  # tensors that kept TensorFlow's order of axes
        self.counter = 0

    # --- tensors ------------------------------------------------------------------------------------------------

    def shape(self, index):
        tensor = self.graph.Tensors(index)
        return [int(side) for side in tensor.ShapeAsNumpy()] if tensor.ShapeLength() else []

    def constant(self, index):
        """The values of a constant tensor, None for any other."""
        if index in self.constants:
            return self.constants[index]
        tensor = self.graph.Tensors(index)
        buffer = self.model.Buffers(tensor.Buffer())
        if buffer.DataLength() == 0:
            return None
        values = np.frombuffer(buffer.DataAsNumpy().tobytes(), DTYPES[tensor.Type()])
        sparsity = tensor.Sparsity()
        values = values.reshape(self.shape(index)) if sparsity is None else self.densify(values, tensor, sparsity)
        self.constants[index] = values
        return values

    @staticmethod
    def densify(values, tensor, sparsity):
        """A sparse tensor's values in full, by walking its levels in storage order."""
        shape = [int(side) for side in tensor.ShapeAsNumpy()]
        order = sparsity.TraversalOrderAsNumpy().tolist()
        block_axes = list(sparsity.BlockMapAsNumpy()) if sparsity.BlockMapLength() else []
        levels = [sparsity.DimMetadata(i) for i in range(sparsity.DimMetadataLength())]
        block_sizes = [levels[len(shape) + i].DenseSize() for i in range(len(block_axes))]
        vectors = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}

        def vector(level, which):
            kind, table = getattr(level, which + "Type")(), getattr(level, which)()
            if kind == 0 or table is None:
                return None
            result = vectors[kind]()
            result.Init(table.Bytes, table.Pos)
            return result.ValuesAsNumpy()

        metadata = [(v.Format(), v.DenseSize(), vector(v, "ArraySegments"), vector(v, "ArrayIndices")) for v in levels]
        dense, position = np.zeros(shape, values.dtype), [0] * len(levels)

        def walk(level, at):
            if level == len(levels):
                full = [0] * len(levels)
                for storage_level, axis in enumerate(order):
                    full[axis] = position[storage_level]
                place = full[: len(shape)]
                for block, axis in enumerate(block_axes):
                    place[axis] = place[axis] * block_sizes[block] + full[len(shape) + block]
                dense[tuple(place)] = values[at]
                return
            form, size, segments, indices = metadata[level]
            if form == 0:
                for i in range(size):
                    position[level] = i
                    walk(level + 1, at * size + i)
            else:
                for i in range(int(segments[at]), int(segments[at + 1])):
                    position[level] = int(indices[i])
                    walk(level + 1, i)

        walk(0, 0)
        return dense

    # --- building blocks ----------------------------------------------------------------------------------------

    def new_name(self, prefix="t"):
        self.counter += 1
        return f"{prefix}{self.counter}"

    def initializer(self, values, prefix):
        name = self.new_name(prefix)
        self.initializers[name] = np.ascontiguousarray(values)
        return name

    def weight(self, values, prefix="w"):
        """A float32 weight, stored as float16 where that loses nothing."""
        values = np.asarray(values)
        half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values.astype(np.float32)):
            return self.initializer(values.astype(np.float32), prefix)
        stored, wide = self.initializer(half, prefix), self.new_name(prefix + "f")
        self.nodes.append(helper.make_node("Cast", [stored], [wide], to=TensorProto.FLOAT))
        return wide

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=self.new_name(kind.lower() + "_"), **attributes))
        return output

    def depthwise(self, name, factors):
        """Multiplies each channel by its factor."""
        channels = len(factors)
        weight = self.weight(np.asarray(factors, np.float32).reshape(channels, 1, 1, 1))
        return self.node("Conv", [name, weight], self.new_name(), kernel_shape=[1, 1], group=channels)

    def input(self, index):
        """The name of an operand; constants become NCHW weights."""
        if index in self.names:
            return self.names[index]
        values = self.constant(index)
        if values is None:
            raise ValueError(f"tensor {index} comes from nowhere")
        if values.ndim == 4:
            values = values.transpose(CHANNELS_FIRST)
        elif values.ndim == 1:
            values = values.reshape(1, -1, 1, 1)
        return self.weight(values, "k")

    def in_channels_last(self, index):
        """The name of a tensor in TensorFlow's memory order."""
        shape, name = self.shape(index), self.names[index]
        if len(shape) != 4 or index in self.channels_last:
            return name
        if shape[3] == 1 or (shape[1] == 1 and shape[2] == 1):
            return name  # the same order in memory
        return self.node("Transpose", [name], self.new_name("nhwc"), perm=[0, 2, 3, 1])

    def finish(self, output, name, activation):
        """Names the operator's output, after its fused activation."""
        kinds = tflite.ActivationFunctionType
        if activation == kinds.RELU:
            name = self.node("Relu", [name], self.new_name())
        elif activation == kinds.RELU6:
            low, high = self.initializer(np.float32(0), "c"), self.initializer(np.float32(6), "c")
            name = self.node("Clip", [name, low, high], self.new_name())
        elif activation != kinds.NONE:
            raise NotImplementedError(f"activation {activation}")
        self.names[output] = name

    # --- operators ----------------------------------------------------------------------------------------------

    def conv(self, operator, inputs, output, depthwise):
        parameters = options(operator, tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
        weights = self.constant(inputs[1])
        _, height, width, channels = self.shape(inputs[0])
        kernel = list(weights.shape[1:3])
        weights = weights.transpose([3, 0, 1, 2] if depthwise else CHANNELS_FIRST)
        strides = [parameters.StrideH(), parameters.StrideW()]
        dilations = [parameters.DilationHFactor(), parameters.DilationWFactor()]
        pads = padding(parameters.Padding(), (height, width), kernel, strides, dilations)
        names = [self.input(inputs[0]), self.weight(weights)]
        if len(inputs) > 2 and inputs[2] >= 0:
            names.append(self.weight(self.constant(inputs[2]), "b"))
        name = self.node(
            "Conv", names, self.new_name(), kernel_shape=kernel, strides=strides, dilations=dilations, pads=pads,
            group=channels if depthwise else channels // weights.shape[1],
        )
        self.finish(output, name, parameters.FusedActivationFunction())

    def prelu(self, inputs, output):
        slopes = self.constant(inputs[1])
        slopes = slopes.reshape(slopes.shape[-3:]) if slopes.ndim > 3 else slopes
        slopes = slopes.transpose(2, 0, 1) if slopes.ndim == 3 else slopes.reshape(-1, 1, 1)
        if "prelu" in self.rewrites and slopes.shape[1:] == (1, 1):
            name, slope = self.input(inputs[0]), slopes.reshape(-1).astype(np.float32)
            positive = self.node("Relu", [name], self.new_name())
            parts = [self.depthwise(positive, 1 - slope), self.depthwise(name, slope)]
            self.names[output] = self.node("Add", parts, self.new_name())
        else:
            parts = [self.input(inputs[0]), self.weight(slopes, "s")]
            self.names[output] = self.node("PRelu", parts, self.new_name())

    def pool(self, operator, inputs, output, kind):
        parameters = options(operator, tflite.Pool2DOptions)
        _, height, width, _ = self.shape(inputs[0])
        kernel = [parameters.FilterHeight(), parameters.FilterWidth()]
        strides = [parameters.StrideH(), parameters.StrideW()]
        pads = padding(parameters.Padding(), (height, width), kernel, strides)
        name = self.node(kind, [self.input(inputs[0])], self.new_name(), kernel_shape=kernel, strides=strides, pads=pads)
        self.finish(output, name, parameters.FusedActivationFunction())

    def pad(self, inputs, output):
        widths, name = self.constant(inputs[1])[CHANNELS_FIRST], self.input(inputs[0])
        if widths.sum() == 0:
            self.names[output] = name
        elif "pad" in self.rewrites and widths[0].sum() == 0 and widths[2:].sum() == 0:
            before, after = self.shape(inputs[0])[3], self.shape(output)[3]
            weights = np.zeros((after, before, 1, 1), np.float32)
            weights[np.arange(before) + widths[1][0], np.arange(before)] = 1
            self.names[output] = self.node("Conv", [name, self.weight(weights)], self.new_name(), kernel_shape=[1, 1])
        else:
            pads = self.initializer(np.concatenate([widths[:, 0], widths[:, 1]]).astype(np.int64), "p")
            self.names[output] = self.node("Pad", [name, pads], self.new_name(), mode="constant")

    def resize(self, operator, inputs, output):
        parameters = options(operator, tflite.ResizeBilinearOptions)
        (_, height, width, _), (_, to_height, to_width, _) = self.shape(inputs[0]), self.shape(output)
        mode = "half_pixel" if parameters.HalfPixelCenters() else "asymmetric"
        mode = "align_corners" if parameters.AlignCorners() else mode
        name = self.input(inputs[0])
        scales = self.initializer(np.array([1, 1, to_height / height, to_width / width], np.float32), "r")
        self.names[output] = self.node(
            "Resize", [name, "", scales], self.new_name(), mode="linear", coordinate_transformation_mode=mode
        )

    def concatenate(self, operator, inputs, output):
        parameters, rank = options(operator, tflite.ConcatenationOptions), len(self.shape(output))
        axis = parameters.Axis() % rank
        if rank == 4:
            axis = [0, 2, 3, 1][axis]
        else:
            self.channels_last.add(output)
        name = self.node("Concat", [self.input(i) for i in inputs], self.new_name(), axis=axis)
        self.finish(output, name, parameters.FusedActivationFunction())

    def reshape(self, inputs, output):
        name = self.in_channels_last(inputs[0])
        shape = self.initializer(np.array(self.shape(output), np.int64), "d")
        self.names[output] = self.node("Reshape", [name, shape], self.new_name())
        self.channels_last.add(output)

    def mean(self, operator, inputs, output):
        if sorted(self.constant(inputs[1]).reshape(-1).tolist()) != [1, 2]:
            raise NotImplementedError("a mean over other axes than height and width")
        self.names[output] = self.node("GlobalAveragePool", [self.input(inputs[0])], self.new_name())
        if not options(operator, tflite.ReducerOptions).KeepDims():
            self.names[output] = self.node("Flatten", [self.names[output]], self.new_name(), axis=1)
            self.channels_last.add(output)

    def fully_connected(self, operator, inputs, output):
        parameters, weights = options(operator, tflite.FullyConnectedOptions), self.constant(inputs[1])
        name = self.in_channels_last(inputs[0])
        if len(self.shape(inputs[0])) != 2:
            shape = self.initializer(np.array([-1, weights.shape[1]], np.int64), "d")
            name = self.node("Reshape", [name, shape], self.new_name())
        names = [name, self.weight(weights)]
        if len(inputs) > 2 and inputs[2] >= 0:
            names.append(self.weight(self.constant(inputs[2]), "b"))
        self.finish(output, self.node("Gemm", names, self.new_name(), transB=1), parameters.FusedActivationFunction())
        self.channels_last.add(output)

    def convert_operator(self, operator):
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        kind = OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, output = operator.InputsAsNumpy().tolist(), operator.OutputsAsNumpy().tolist()[0]
        if kind in ("DEQUANTIZE", "DENSIFY"):
            self.constants[output] = self.constant(inputs[0])
        elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            self.conv(operator, inputs, output, depthwise=kind == "DEPTHWISE_CONV_2D")
        elif kind == "ADD":
            name = self.node("Add", [self.input(inputs[0]), self.input(inputs[1])], self.new_name())
            self.finish(output, name, options(operator, tflite.AddOptions).FusedActivationFunction())
        elif kind == "PRELU":
            self.prelu(inputs, output)
        elif kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            self.pool(operator, inputs, output, "MaxPool" if kind == "MAX_POOL_2D" else "AveragePool")
        elif kind == "PAD":
            self.pad(inputs, output)
        elif kind == "RESIZE_BILINEAR":
            self.resize(operator, inputs, output)
        elif kind == "DEPTH_TO_SPACE":
            size = options(operator, tflite.DepthToSpaceOptions).BlockSize()
            name = self.input(inputs[0])
            self.names[output] = self.node("DepthToSpace", [name], self.new_name(), blocksize=size, mode="DCR")
        elif kind == "RESHAPE":
            self.reshape(inputs, output)
        elif kind == "CONCATENATION":
            self.concatenate(operator, inputs, output)
        elif kind == "MEAN":
            self.mean(operator, inputs, output)
        elif kind == "FULLY_CONNECTED":
            self.fully_connected(operator, inputs, output)
        elif kind == "LOGISTIC":
            self.names[output] = self.node("Sigmoid", [self.input(inputs[0])], self.new_name())
            if inputs[0] in self.channels_last:
                self.channels_last.add(output)
        else:
            raise NotImplementedError(f"operator {kind}")

    # --- the whole graph ----------------------------------------------------------------------------------------

    def convert(self):
        index = self.graph.Inputs(0)
        batch, height, width, channels = self.shape(index)
        self.names[index] = "input"
        source = helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, channels, height, width])
        for i in range(self.graph.OperatorsLength()):
            self.convert_operator(self.graph.Operators(i))
        kept = range(self.graph.OutputsLength()) if self.keep is None else self.keep
        outputs = [self.name_output(i) for i in kept]
        if "swap" in self.rewrites:
            self.swap_resizes()
        nodes, needed = self.live_nodes({output.name for output in outputs})
        weights = [numpy_helper.from_array(v, name) for name, v in self.initializers.items() if name in needed]
        # The producer's name is part of the bytes that the manifest's hashes stand for.
        model = helper.make_model(
            helper.make_graph(nodes, "g", [source], outputs, weights),
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="s2conv",
        )
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def name_output(self, position):
        """Gives a graph output its name from the manifest, wherever it is made or read."""
        index, name = self.graph.Outputs(position), self.output_names[position]
        shape = self.shape(index)
        if len(shape) == 4 and index not in self.channels_last:
            shape = [shape[axis] for axis in CHANNELS_FIRST]
        old = self.names[index]
        for node in self.nodes:
            for names in (node.output, node.input):
                for i, other in enumerate(names):
                    if other == old:
                        names[i] = name
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def swap_resizes(self):
        """conv1x1(resize(x)) = resize(conv1x1(x)), with a quarter of the multiplications."""
        readers = collections.defaultdict(list)
        for node in self.nodes:
            for name in node.input:
                readers[name].append(node)
        for resize in [node for node in self.nodes if node.op_type == "Resize"]:
            after = readers[resize.output[0]]
            if len(after) != 1 or after[0].op_type != "Conv":
                continue
            conv = after[0]
            attributes = {a.name: helper.get_attribute_value(a) for a in conv.attribute}
            pointwise = list(attributes["kernel_shape"]) == [1, 1] and list(attributes.get("strides", [1, 1])) == [1, 1]
            if not pointwise or attributes.get("group", 1) != 1:
                continue
            first, middle, last = resize.input[0], resize.output[0], conv.output[0]
            conv.input[0], conv.output[0], resize.input[0], resize.output[0] = first, middle, middle, last
            place = lambda wanted: next(i for i, node in enumerate(self.nodes) if node is wanted)
            from_index, to_index = place(resize), place(conv)
            self.nodes.insert(to_index, self.nodes.pop(from_index))

    def live_nodes(self, needed):
        """The nodes that the outputs need, and the names that those read."""
        kept = []
        for node in reversed(self.nodes):
            if any(name in needed for name in node.output):
                kept.append(node)
                needed.update(name for name in node.input if name)
        return kept[::-1], needed


def convert_file(path, arguments):
    """The ONNX bytes of one .tflite file, with the manifest's `convert` arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", required=True)
    parser.add_argument("--keep")
    parser.add_argument("--fast", default="")
    parsed = parser.parse_args(shlex.split(arguments))
    keep = [int(index) for index in parsed.keep.split(",")] if parsed.keep else None
    return Converter(path.read_bytes(), parsed.names.split(","), keep, parsed.fast.split(",")).convert()


def find_source(folder, file):
    """The file of that name in the folder; where several bear it, the one whose path ends as the manifest says."""
    found = sorted(folder.rglob(pathlib.PurePosixPath(file).name))
    return next((path for path in found if path.as_posix().endswith(file)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=pathlib.Path, required=True, help="folder with the .tflite files")
    parser.add_argument("--output", type=pathlib.Path, help="folder to write to; without it the hashes are only compared")
    parser.add_argument("--only", help="one model's name")
    arguments = parser.parse_args()
    manifest = tomllib.loads((ROOT / "models" / "manifest.toml").read_text())
    wrong = 0
    for model in manifest["model"]:
        if arguments.only not in (None, model["name"]):
            continue
        source = model["source"]
        found = find_source(arguments.sources, source["file"])
        if found is None:
            sys.exit(f"{source['file']} is not in {arguments.sources}: unpack {source['package']} {source['version']} there")
        data = convert_file(found, model["convert"])
        same = hashlib.sha256(data).hexdigest() == model["sha256"]
        wrong += not same
        print(f"{model['name']}: {len(data)} bytes, {'as in the manifest' if same else 'DIFFERENT from the manifest'}")
        if arguments.output:
            arguments.output.mkdir(parents=True, exist_ok=True)
            (arguments.output / model["file"]).write_bytes(data)
    sys.exit(f"{wrong} model(s) differ from the manifest" if wrong else 0)


if __name__ == "__main__":
    main()
