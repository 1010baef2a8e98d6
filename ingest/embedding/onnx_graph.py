"""An ONNX graph as it is written down: nodes in order, each known by the name of its output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

FUSED = "com.microsoft"  # operators of onnxruntime that do several steps at once
TEXT = "ai.onnx.contrib"  # operators of onnxruntime-extensions

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Model:
    graph: bytes
    tables: Mapping[str, Array]  # constants that are handed to the session beside the graph


class Graph:
    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._tables: dict[str, Array] = {}
        self._quantised: set[str] = set()

    def constant(self, name: str, value: Array) -> str:
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def table(self, name: str, value: Array) -> str:
        """A large constant, which stays out of the model: that would be copied several times."""
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        tensor = onnx.TensorProto(name=name, data_type=kind, dims=value.shape)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=name)
        self._constants[name] = tensor
        self._tables[name] = np.ascontiguousarray(value)
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def add_many(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> None:
        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))

    def quantise(self, floats: str) -> tuple[str, str, str]:
        """The values in uint8, their scale and their zero point; worked out once."""
        outputs = (f"{floats}.codes", f"{floats}.scale", f"{floats}.zero")
        if floats not in self._quantised:
            self._quantised.add(floats)
            self.add_many("DynamicQuantizeLinear", [floats], outputs)
        return outputs

    def model(self, inputs: Sequence[onnx.ValueInfoProto], output: str, dims: int) -> Model:
        """A model whose one output is float32 (1, dims)."""
        vector = helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, [1, dims])
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, "encoder", inputs, [vector], constants)
        versions = [("", 18), (FUSED, 1), (TEXT, 1)]
        opsets = [helper.make_opsetid(domain, version) for domain, version in versions]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return Model(model.SerializeToString(), self._tables)


def input_of(name: str, kind: int, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
