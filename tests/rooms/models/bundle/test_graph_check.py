"""A model that Hangtag could not have written is not opened, though every hash is right."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper


@pytest.fixture
def refused(tiny, tmp_path, refusal):
    """Change the model of a network's bundle and give the sentence it gets."""
    return lambda edit: refusal(tiny.write(tmp_path / "bundle"), edit)


def test_data_in_another_file(refused, tmp_path):
    (tmp_path / "secret").write_bytes(np.zeros(64, np.float32).tobytes())

    def edit(model):
        tensor = model.graph.initializer[0]
        onnx.external_data_helper.set_external_data(tensor, str(tmp_path / "secret"))
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL

    assert "takes data from other files" in refused(edit)


def test_data_in_another_file_hidden_in_an_operator(refused):
    def edit(model):
        hidden = numpy_helper.from_array(np.zeros(1, np.float32))
        onnx.external_data_helper.set_external_data(hidden, "../secret")
        hidden.data_location = TensorProto.EXTERNAL
        model.graph.node[0].attribute.append(helper.make_attribute("value", hidden))

    assert "takes data from other files" in refused(edit)


def test_operators_of_a_domain_of_its_own(refused):
    def edit(model):
        model.opset_import.append(helper.make_opsetid("com.evil", 1))
        model.graph.node[0].domain = "com.evil"

    assert "not of standard ONNX" in refused(edit)


def test_a_domain_that_is_only_declared(refused):
    def edit(model):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))

    assert "not of standard ONNX" in refused(edit)


def test_more_nodes_than_any_network_has_are_counted_before_anything_is_opened(refused):
    def edit(model):
        spare = helper.make_node("Relu", ["pictures"], ["spare"])
        model.graph.node.extend([spare] * 10_001)

    assert "nodes; such a model is not opened" in refused(edit)


def test_a_function_of_its_own(refused):
    def edit(model):
        node = helper.make_node("Relu", ["a"], ["b"])
        opset = [helper.make_opsetid("", 17)]
        model.functions.append(helper.make_function("", "Mine", ["a"], ["b"], [node], opset))

    assert "brings functions of its own" in refused(edit)


def test_an_operator_that_is_never_written(refused):
    def edit(model):
        shape = numpy_helper.from_array(np.array([1 << 40], np.int64), "shape")
        model.graph.initializer.append(shape)
        model.graph.node.append(helper.make_node("ConstantOfShape", ["shape"], ["huge"]))

    assert "uses ConstantOfShape" in refused(edit)


def test_a_branch(refused):
    def edit(model):
        body = helper.make_graph([], "body", [], [])
        model.graph.node[0].attribute.append(helper.make_attribute("then_branch", body))

    assert "takes data from other files" in refused(edit)


def test_another_output(refused):
    def edit(model):
        model.graph.output[0].name = "answers"

    assert "has other inputs or outputs" in refused(edit)


def test_another_type_of_images(refused):
    def edit(model):
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT

    assert "cannot be run" in refused(edit) or "not the one" in refused(edit)


def test_padding_that_would_fill_the_memory(refused):
    def edit(model):
        node = model.graph.node[0]
        pool = helper.make_node(
            "AveragePool",
            ["pictures/pixels"],
            ["wide"],
            kernel_shape=[1, 1],
            pads=[0, 0, 1 << 30, 1 << 30],
        )
        cast = helper.make_node("Cast", ["pictures"], ["pictures/pixels"], to=1)
        flat = helper.make_node("GlobalAveragePool", ["wide"], ["small"])
        del node
        for one in (flat, pool, cast):
            model.graph.node.insert(0, one)

    assert "needs more than 50,000,000 values at once" in refused(edit)


@pytest.mark.parametrize("data", [b"", b"\0" * 50, b"not a model", b"\x08\x08"])
def test_bytes_that_are_no_model(refused, data):
    refused(lambda model: data)


def test_another_network_than_the_manifest_says(refused):
    def edit(model):
        for one in model.graph.initializer:
            if one.name.endswith("dense_2/bias"):
                one.CopyFrom(numpy_helper.from_array(np.zeros(5, np.float32), one.name))
            if one.name.endswith("dense_2/kernel"):
                one.CopyFrom(numpy_helper.from_array(np.zeros((3, 5), np.float32), one.name))
        model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 5

    assert "is not the one its manifest describes" in refused(edit)


def test_numbers_that_are_not_finite(refused):
    def edit(model):
        for one in model.graph.initializer:
            if one.name.endswith("dense_2/bias"):
                one.CopyFrom(numpy_helper.from_array(np.full(2, np.nan, np.float32), one.name))

    assert "is not the one its manifest describes" in refused(edit)
