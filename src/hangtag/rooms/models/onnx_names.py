"""What goes into our ONNX models and what comes out, by name; writer and readers agree here."""

PICTURES = "pictures"
"""Input: uint8 ``(n, height, width, channels)``, raw pixels."""

PROBABILITIES = "probabilities"
"""Output: float32 ``(n, classes)``, each row summing to one."""

EMBEDDING = "embedding"
"""Output: float32 ``(n, values)``, near for look-alikes."""

Operator = tuple[str, str]
"""Domain and name."""

STANDARD, TREES = "", "ai.onnx.ml"
"""Domains: of all standard operators, and of those for trees."""

NETWORK_OPERATORS = frozenset((STANDARD, name) for name in (
    "Add", "AveragePool", "Cast", "Conv", "Div", "Elu", "Erf", "Flatten", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "Identity", "LeakyRelu", "MaxPool", "Mul", "Relu",
    "Sigmoid", "Slice", "Softmax", "Sub", "Tanh", "Transpose",
))  # fmt: skip
"""Every operator of a network; a model with any other is not opened."""

TREE_OPERATOR = "TreeEnsembleClassifier"
FOREST_OPERATORS = frozenset({
    *((STANDARD, name) for name in ("Cast", "Div", "Flatten", "MatMul", "Mul", "Slice", "Sub")),
    (TREES, TREE_OPERATOR),
})  # fmt: skip
"""Every operator of a forest."""

MIXTURE_OPERATORS = frozenset((STANDARD, name) for name in (
    "Add", "Cast", "Div", "Flatten", "MatMul", "Mul", "ReduceSum", "Reshape", "Slice", "Softmax",
    "Sub",
))  # fmt: skip
"""Every operator of a Gaussian mixture."""
