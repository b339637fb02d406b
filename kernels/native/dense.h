// Dense layers and their gradients: what a call of them is given.
#pragma once

#include <cstdint>
#include <vector>

#include "steps.h"
#include "team.h"

namespace hangtag {

// Arrays are rows (one for each image) × values; weights are inputs × outputs. Model m of a
// batched call finds its own part of an array at the array's offsets[m].
struct DenseShape {
  int64_t rows = 0;
  int64_t inputs = 0;
  int64_t outputs = 0;
  bool relu = false;
};

inline double products_of(const DenseShape& shape, size_t models) {
  return static_cast<double>(shape.rows) * static_cast<double>(shape.inputs) *
         static_cast<double>(shape.outputs) * static_cast<double>(models);
}

struct DenseForward {
  DenseShape shape;
  const float* input = nullptr;
  const float* weights = nullptr;
  const float* bias = nullptr;
  float* output = nullptr;
  std::vector<int64_t> inputs, kernels, biases, outputs;  // offsets, one for each model
};

struct DenseBackward {
  DenseShape shape;
  const float* input = nullptr;
  const float* weights = nullptr;
  const float* output = nullptr;  // null without a ReLU
  const float* slopes = nullptr;
  float* input_slopes = nullptr;  // null when nobody asks for it
  float* weight_slopes = nullptr;
  float* bias_slopes = nullptr;
  std::vector<int64_t> inputs, kernels, outputs, slopes_of, input_gradients, weight_gradients,
      bias_gradients;
};

void dense(const DenseForward& call, const Steps& steps, Team& team);
void dense_back(const DenseBackward& call, const Steps& steps, Team& team);

}  // namespace hangtag
