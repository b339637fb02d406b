// Convolution forward: images, weights and bias in, feature maps out, rectified and pooled while
// they are still in the cache.
#include "convolution.h"

#include <algorithm>

#include "cutting.h"
#include "memory.h"
#include "packing.h"
#include "tiles.h"

namespace hangtag {

namespace {

// Everything the tasks of a call read and none writes.
struct Shared {
  const Forward& call;
  const Steps& steps;
  Inner inner;
  std::shared_ptr<const Plan> plan;
  Panels panels;
  bool tiled;
  int64_t group;         // images in a task
  int64_t groups;        // tasks of a model
  const float* weights;  // packed, model after model
  int64_t weights_size;  // floats of a model's
  const float* biases;
};

void pool_images(const Shared& shared, const float* values, int64_t first, int64_t images,
                 int64_t model) {
  const Forward& call = shared.call;
  const Shape& shape = call.shape;
  const int64_t window = call.finish.pool;
  const int64_t size = shape.output_size() / (window * window);
  Pooling task;
  task.height = shape.rows.output / window;
  task.width = shape.columns.output / window;
  task.channels = shape.filters;
  task.window_rows = task.window_columns = window;
  task.input_row = shape.columns.output * shape.filters;
  task.relu = call.finish.relu;
  for (int64_t image = 0; image < images; ++image) {
    const int64_t to = call.outputs[model] + (first + image) * size;
    task.input = values + image * shape.output_size();
    task.output = call.output + to;
    task.routes = call.routes == nullptr ? nullptr : call.routes + to;
    shared.steps.pool(task);
  }
}

void convolve_windows(const Shared& shared, const float* input, int64_t images, int64_t model,
                      float* output, uint8_t* routes, bool relu) {
  const Shape& shape = shared.inner.shape;
  Multiplication task;
  task.input = input;
  task.input_image = shape.input_size();
  task.output = output;
  task.routes = routes;
  task.output_image = shape.output_size();
  task.images = images;
  task.panels = shared.panels;
  task.weights = shared.weights + model * shared.weights_size;
  task.bias = shared.biases + model * whole_lines(padded(shape.filters, shared.panels.lanes));
  task.relu = relu;
  task.window_stride = shape.columns.input * shape.channels;
  task.weights_stride = shape.columns.taps * shape.channels;
  multiply_regions(shared.plan->forward, shape.columns.taps, shape.channels, task, shared.steps);
}

// One image of a first layer, as far as it holds numbers; the others the long way.
void convolve_grey(const Shared& shared, const float* input, int64_t model, int64_t image,
                   float* values) {
  const Forward& call = shared.call;
  const Shape& shape = shared.inner.shape;
  const int64_t to = call.outputs[model] + image * (shape.output_size() / 4);
  GreyLayer task;
  task.input = input;
  task.input_row = shape.columns.input;
  task.height = shape.rows.output / 2;
  task.width = shape.columns.output / 2;
  task.filters = shape.filters;
  task.weights = call.weights + call.kernels[model];
  task.bias = call.bias + call.biases[model];
  task.relu = call.finish.relu;
  task.output = call.output + to;
  task.routes = call.routes == nullptr ? nullptr : call.routes + to;
  if (shared.steps.grey_layer(task)) return;
  convolve_windows(shared, input, 1, model, values, nullptr, false);
  pool_images(shared, values, image, 1, model);
}

// Returns whether tiles, if any were used, can be trusted.
bool convolve_images(const Shared& shared, int64_t model, int64_t group) {
  const Forward& call = shared.call;
  const Shape& shape = shared.inner.shape;
  const int64_t first = group * shared.group;
  const int64_t images = std::min(shared.group, call.images - first);
  const bool pooled = call.finish.pool > 1;
  float* memory = task_memory().floats(images * ((shared.inner.framed ? shape.input_size() : 0) +
                                                 (pooled ? shape.output_size() : 0)) +
                                       (shared.tiled ? convolution_memory(shape) : 0));
  float* tiles = memory;
  if (shared.tiled) memory += convolution_memory(shape);
  const float* input = call.input + call.inputs[model] + first * call.shape.input_size();
  if (shared.inner.framed) {
    frame(call.shape, shape, input, images, memory);
    input = memory;
    memory += images * shape.input_size();
  }
  if (is_grey_layer(shape, call.finish)) {
    for (int64_t image = 0; image < images; ++image)
      convolve_grey(shared, input + image * shape.input_size(), model, first + image, memory);
    return true;
  }
  const int64_t to = call.outputs[model] + first * shape.output_size();
  float* output = pooled ? memory : call.output + to;
  uint8_t* routes = pooled || call.routes == nullptr ? nullptr : call.routes + to;
  const bool relu = call.finish.relu && !pooled;
  bool finite = true;
  if (shared.tiled) {
    TileConvolution task;
    task.shape = shape;
    task.images = images;
    task.input = input;
    task.weights = shared.weights + model * shared.weights_size;
    task.bias = shared.biases + model * whole_lines(padded(shape.filters, shared.panels.lanes));
    task.panels = shared.panels;
    task.relu = relu;
    task.output = output;
    task.routes = routes;
    finite = convolve_tiles(task, shared.steps, tiles);
  } else {
    convolve_windows(shared, input, images, model, output, routes, relu);
  }
  if (pooled) pool_images(shared, memory, first, images, model);
  return finite;
}

// Returns the models to do again by windows: those with values that are not finite.
std::vector<int64_t> convolve_models(const Forward& call, bool tiled, const Steps& steps,
                                     Team& team) {
  const int64_t models = static_cast<int64_t>(call.outputs.size());
  const Inner inner = inner_shape(call.shape);
  const Panels panels =
      tiled ? tile_panels(inner.shape, steps.lanes) : forward_panels(inner.shape, steps.lanes);
  const int64_t filters = whole_lines(padded(inner.shape.filters, panels.lanes));
  const int64_t size = tiled ? tile_weights_size(panels) : packed_size(panels);
  float* packed = call_memory().floats(models * (size + filters));
  float* biases = packed + models * size;
  share(team, models, [&](int64_t model) {
    if (!tiled)
      pack_forward(inner.shape, panels, call.weights + call.kernels[model], packed + model * size);
    pack_bias(panels, call.bias + call.biases[model], biases + model * filters);
  });
  if (tiled)
    share_tile_weights(
        panels, models, [&](int64_t model) { return call.weights + call.kernels[model]; }, steps,
        team, packed);
  const int64_t group = images_together(inner.shape, call.images, models);
  const int64_t groups = (call.images + group - 1) / group;
  const Shared shared = {call,   steps, inner, plan_of(inner.shape), panels, tiled, group, groups,
                         packed, size,  biases};
  std::vector<uint8_t> finite(models * groups);
  share(team, models * groups, [&](int64_t task) {
    finite[task] = convolve_images(shared, task / groups, task % groups);
  });
  return not_finite(finite, models);
}

}  // namespace

void convolve(const Forward& call, const Steps& steps, Team& team) {
  if (call.outputs.empty() || call.images == 0 || call.shape.output_size() == 0) return;
  team.interrupts.listen(products_of(call.shape, call.images, call.outputs.size()));
  const std::vector<int64_t> again = convolve_models(call, tiles_pay(call.shape), steps, team);
  if (again.empty()) return;
  Forward rest = call;
  rest.inputs = chosen(call.inputs, again);
  rest.kernels = chosen(call.kernels, again);
  rest.biases = chosen(call.biases, again);
  rest.outputs = chosen(call.outputs, again);
  convolve_models(rest, false, steps, team);
}

}  // namespace hangtag
