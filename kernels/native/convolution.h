// Convolution of images and its gradients: what a call of it is given.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "geometry.h"
#include "steps.h"
#include "team.h"

namespace hangtag {

// How the models of a batched call share an array: model m finds its own at `offsets[m]`.
using Offsets = std::vector<int64_t>;

// Those of some models only.
inline Offsets chosen(const Offsets& offsets, const std::vector<int64_t>& models) {
  Offsets found;
  for (const int64_t model : models) found.push_back(offsets[model]);
  return found;
}

// The models of which some task found values that are not finite; `finite` has as many tasks for
// each model, one model after the other.
inline std::vector<int64_t> not_finite(const std::vector<uint8_t>& finite, int64_t models) {
  const int64_t tasks = static_cast<int64_t>(finite.size()) / models;
  std::vector<int64_t> found;
  for (int64_t model = 0; model < models; ++model) {
    const auto first = finite.begin() + model * tasks;
    if (std::count(first, first + tasks, 0) > 0) found.push_back(model);
  }
  return found;
}

// What stands behind the convolution in the same call.
struct Finish {
  bool relu = false;
  int64_t pool = 1;  // rows and columns of a window, and the step between windows
};

// Arrays are images × rows × columns × channels. `shape.rows.output` and `shape.columns.output`
// count the places before pooling that end in a whole window.
struct Forward {
  Shape shape;
  Finish finish;
  int64_t images = 0;
  const float* input = nullptr;
  const float* weights = nullptr;
  const float* bias = nullptr;
  float* output = nullptr;
  uint8_t* routes = nullptr;                 // as output; null when no gradient will be asked for
  Offsets inputs, kernels, biases, outputs;  // one entry for each model
};

struct Backward {
  Shape shape;
  Finish finish;
  int64_t images = 0;
  const float* input = nullptr;
  const float* weights = nullptr;
  const uint8_t* routes = nullptr;  // null when neither ReLU nor pooling stands behind
  const float* slopes = nullptr;    // gradient of the output
  float* input_slopes = nullptr;    // null when nobody asks for it
  float* weight_slopes = nullptr;
  float* bias_slopes = nullptr;
  Offsets inputs, kernels, routes_of, outputs, input_gradients, weight_gradients, bias_gradients;
};

// Whether the loops for the first layer of grey images fit.
inline bool is_grey_layer(const Shape& shape, const Finish& finish) {
  return shape.channels == 1 && finish.pool == 2 && shape.rows.taps == 3 &&
         shape.columns.taps == 3 && shape.rows.stride == 1 && shape.columns.stride == 1;
}

// How many products a convolution of `images` images for each of `models` models has.
inline double products_of(const Shape& shape, int64_t images, size_t models) {
  return static_cast<double>(shape.output_size()) * static_cast<double>(shape.window_size()) *
         static_cast<double>(images) * static_cast<double>(models);
}

void convolve(const Forward& call, const Steps& steps, Team& team);
void convolve_back(const Backward& call, const Steps& steps, Team& team);

}  // namespace hangtag
