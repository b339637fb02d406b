// Convolution by tiles; see tiles.h.
#include "tiles.h"

#include <algorithm>
#include <vector>

#include "memory.h"
#include "packing.h"

namespace hangtag {

namespace {

// Fewer channels or filters than these are not worth transforming.
constexpr int64_t kLeastDepth = 16;

// What transforming one value there and back costs, in products of the matrices, and what the
// products must save at least.
constexpr double kTransforming = 6;
constexpr double kSaving = 1.15;

// What the tiles of a block may be transformed into: as much as stays in a core's second-level
// cache for a convolution; more for the sums of a gradient, which are read and written once for
// each block.
constexpr int64_t kConvolutionFloats = 176 * 1024;
constexpr int64_t kCorrelationFloats = 256 * 1024;

// Blocks hold whole blocks of places of `multiply`.
constexpr int64_t kWholeBlock = 12;

// Weights of a tap that one task transforms.
constexpr int64_t kTurnedTogether = 4096;

int64_t tiles_along(const Axis& axis) { return (axis.output + kTilePlaces - 1) / kTilePlaces; }

int64_t tiles_together(const Shape& shape, int64_t floats) {
  const int64_t fitting = floats / (kTileMatrices * (shape.channels + shape.filters));
  return std::max(kWholeBlock, fitting / kWholeBlock * kWholeBlock);
}

// Floats from one matrix to the next: not a power of two, or all 36 would want the same few lines
// of the first-level cache.
int64_t apart(int64_t floats) {
  const int64_t line = kAlignment / sizeof(float);
  const int64_t lines = whole_lines(floats) / line;
  return (lines | 1) * line;
}

// Products of one channel and one filter along an axis, zeros around the image left out.
int64_t products_along(const Axis& axis) {
  int64_t products = 0;
  for (int64_t tap = 0; tap < axis.taps; ++tap) {
    const Span span = span_of_tap(axis, tap);
    products += span.last - span.first;
  }
  return products;
}

Tiling input_tiling(const Shape& shape) {
  Tiling tiling;
  tiling.rows = shape.rows.input;
  tiling.columns = shape.columns.input;
  tiling.channels = shape.channels;
  tiling.first_row = -shape.rows.pad;
  tiling.first_column = -shape.columns.pad;
  tiling.down = tiles_along(shape.rows);
  tiling.across = tiles_along(shape.columns);
  return tiling;
}

Tiling output_tiling(const Shape& shape) {
  Tiling tiling = input_tiling(shape);
  tiling.rows = shape.rows.output;
  tiling.columns = shape.columns.output;
  tiling.channels = shape.filters;
  tiling.first_row = tiling.first_column = 0;
  return tiling;
}

// Calls `block(input, output)` with both tilings of every block of the images' tiles.
template <class Block>
void for_blocks(const Shape& shape, int64_t images, int64_t together, Block block) {
  Tiling input = input_tiling(shape);
  Tiling output = output_tiling(shape);
  input.matrix = apart(together * shape.channels);
  output.matrix = apart(together * shape.filters);
  const std::vector<float> zeros(std::max(shape.channels, shape.filters));
  input.zeros = output.zeros = zeros.data();
  const int64_t tiles = images * input.down * input.across;
  for (int64_t first = 0; first < tiles; first += together) {
    input.first = output.first = first;
    input.count = output.count = std::min(together, tiles - first);
    block(input, output);
  }
}

}  // namespace

bool tiles_pay(const Shape& shape) {
  if (shape.rows.taps != 3 || shape.columns.taps != 3) return false;
  if (shape.rows.stride != 1 || shape.columns.stride != 1) return false;
  if (std::min(shape.channels, shape.filters) < kLeastDepth) return false;
  const double windows = static_cast<double>(products_along(shape.rows)) *
                         static_cast<double>(products_along(shape.columns));
  const double tiles = static_cast<double>(tiles_along(shape.rows) * tiles_along(shape.columns));
  const double depth = static_cast<double>(shape.channels) * static_cast<double>(shape.filters);
  const double transformed = static_cast<double>(shape.channels + shape.filters);
  return windows * depth > kSaving * tiles * kTileMatrices * (depth + kTransforming * transformed);
}

Shape rotated(const Shape& shape) {
  const auto around = [](const Axis& axis) {
    return Axis{axis.output, axis.input, axis.taps, 1, axis.taps - 1 - axis.pad};
  };
  return {around(shape.rows), around(shape.columns), shape.filters, shape.channels};
}

Panels tile_panels(const Shape& shape, int widest) {
  return {shape.channels, shape.filters, lanes_for(shape.filters, widest)};
}

int64_t tile_weights_size(const Panels& panels) {
  return kTileMatrices * apart(packed_size(panels));
}

void share_tile_weights(const Panels& panels, int64_t models,
                        const std::function<const float*(int64_t)>& weights, const Steps& steps,
                        Team& team, float* to) {
  const int64_t rows = std::max<int64_t>(1, kTurnedTogether / panels.filters);
  const int64_t tasks = (panels.rows + rows - 1) / rows;
  share(team, models * tasks, [&](int64_t one) {
    const int64_t model = one / tasks;
    TileWeights task;
    task.from = weights(model);
    task.to = to + model * tile_weights_size(panels);
    task.matrix = apart(packed_size(panels));
    task.panels = panels;
    const int64_t first = one % tasks * rows;
    steps.transform_kernels(task, first, std::min(first + rows, panels.rows));
  });
}

int64_t convolution_memory(const Shape& shape) {
  const int64_t together = tiles_together(shape, kConvolutionFloats);
  return kTileMatrices * (apart(together * shape.channels) + apart(together * shape.filters)) +
         whole_lines(shape.filters + kAlignment);
}

bool convolve_tiles(const TileConvolution& call, const Steps& steps, float* memory) {
  const Shape& shape = call.shape;
  const int64_t together = tiles_together(shape, kConvolutionFloats);
  std::vector<int64_t> inputs(together);
  std::vector<int64_t> outputs(together);
  for (int64_t tile = 0; tile < together; ++tile) {
    inputs[tile] = tile * shape.channels;
    outputs[tile] = tile * shape.filters;
  }
  float* transformed = memory;
  float* products = transformed + kTileMatrices * apart(together * shape.channels);
  float* nothing = products + kTileMatrices * apart(together * shape.filters);
  std::fill_n(nothing, padded(shape.filters, call.panels.lanes), 0.0f);
  const int64_t matrix = apart(packed_size(call.panels));
  Multiplication task;
  task.input_places = inputs.data();
  task.output_places = outputs.data();
  task.images = 1;
  task.window_rows = 1;
  task.run = shape.channels;
  task.bias = nothing;
  task.panels = call.panels;
  TileOutputs back;
  back.from = products;
  back.bias = call.bias;
  back.to = call.output;
  back.routes = call.routes;
  back.relu = call.relu;
  bool finite = true;
  for_blocks(shape, call.images, together, [&](const Tiling& input, const Tiling& output) {
    steps.transform_inputs(input, call.input, transformed);
    task.places = input.count;
    for (int one = 0; one < kTileMatrices; ++one) {
      task.input = transformed + one * input.matrix;
      task.weights = call.weights + one * matrix;
      task.output = products + one * output.matrix;
      steps.multiply(task);
    }
    finite = steps.transform_outputs(output, back) && finite;
  });
  return finite;
}

int64_t correlation_memory(const Shape& shape) {
  const int64_t together = tiles_together(shape, kCorrelationFloats);
  return kTileMatrices * (apart(together * shape.channels) + apart(together * shape.filters));
}

int64_t tile_sums_size(const Shape& shape, int lanes) {
  return kTileMatrices * apart(shape.channels * padded(shape.filters, lanes));
}

void correlate_tiles(const TileCorrelation& call, const Steps& steps, float* memory) {
  const Shape& shape = call.shape;
  float* transformed = memory;
  const int64_t together = tiles_together(shape, kCorrelationFloats);
  float* slopes = transformed + kTileMatrices * apart(together * shape.channels);
  const int64_t matrix = apart(shape.channels * padded(shape.filters, call.lanes));
  Correlation task;
  task.input_column = shape.channels;
  task.images = 1;
  task.rows = 1;
  task.values = shape.channels;
  task.filters = shape.filters;
  task.lanes = call.lanes;
  task.add = call.add;
  for_blocks(shape, call.images, together, [&](const Tiling& input, const Tiling& output) {
    steps.transform_inputs(input, call.input, transformed);
    steps.transform_gradients(output, call.slopes, slopes);
    task.columns = input.count;
    for (int one = 0; one < kTileMatrices; ++one) {
      task.input = transformed + one * input.matrix;
      task.slopes = slopes + one * output.matrix;
      task.result = call.sums + one * matrix;
      steps.correlate(task);
    }
    task.add = true;
  });
}

bool tile_gradient(const Shape& shape, int lanes, const float* sums, const Steps& steps,
                   float* to) {
  TileSums task;
  task.from = sums;
  task.size = shape.channels * padded(shape.filters, lanes);
  task.matrix = apart(task.size);
  task.to = to;
  task.lanes = lanes;
  return steps.transform_kernel_gradient(task);
}

}  // namespace hangtag
