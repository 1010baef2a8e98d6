from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ingest.embedding.onnx_file import OnnxFile

ARRAYS = {
    "codes": np.arange(300, dtype=np.uint8).reshape(3, 100),
    "weights": np.array([[0.25, -2], [1e9, 3]], np.float32),
    "negative": np.array([-7, 8], np.int64),
    "scalar": np.array(0.5, np.float32),
    "nothing": np.empty((0, 4), np.float32),
}


def write(path: Path) -> Path:
    constants = [numpy_helper.from_array(array, name) for name, array in ARRAYS.items()]
    constants.append(helper.make_tensor("listed", TensorProto.FLOAT, [2], [1.5, 2.5]))
    nodes = [
        helper.make_node("Add", ["x", "weights"], ["sum"]),
        helper.make_node("Scale", ["sum"], ["y"], domain="own", by=2.5, name="last"),
    ]
    given, found = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 2]) for name in "xy")
    graph = helper.make_graph(nodes, "sample", [given], [found], constants)
    onnx.save(helper.make_model(graph, producer_name="a name of some length " * 20), path)
    return path


@pytest.fixture
def file(tmp_path: Path) -> OnnxFile:
    return OnnxFile(write(tmp_path / "model.onnx"))


@pytest.mark.parametrize("name", ARRAYS)
def test_a_constant_has_the_values_that_were_saved(file: OnnxFile, name: str) -> None:
    found = file.array(name)
    assert (found.dtype, found.shape) == (ARRAYS[name].dtype, ARRAYS[name].shape)
    np.testing.assert_array_equal(found, ARRAYS[name])


def test_a_constant_whose_values_are_listed_one_by_one_is_read(file: OnnxFile) -> None:
    assert file.array("listed").tolist() == [1.5, 2.5]


def test_a_constant_stays_in_the_file(file: OnnxFile) -> None:
    assert np.shares_memory(file.array("codes"), file.array("codes"))


def test_only_constants_are_contained(file: OnnxFile) -> None:
    assert [name in file for name in ("codes", "listed", "sum", "")] == [True, True, False, False]


def test_nodes_are_in_order_and_whole(file: OnnxFile) -> None:
    assert [node.op_type for node in file.nodes] == ["Add", "Scale"]
    last = file.nodes[-1]
    assert (last.name, last.domain, list(last.input)) == ("last", "own", ["sum"])
    assert helper.get_attribute_value(last.attribute[0]) == 2.5
