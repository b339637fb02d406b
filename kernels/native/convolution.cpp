// Convolution forward: pictures, weights and bias in, feature maps out, rectified and pooled while
// they are still in the cache.
#include "convolution.h"

#include <algorithm>

#include "cutting.h"
#include "memory.h"
#include "packing.h"

namespace hangtag {

namespace {

// Everything the tasks of a call read and none writes.
struct Shared {
  const Forward& call;
  const Steps& steps;
  Inner inner;
  std::shared_ptr<const Plan> plan;
  Panels panels;
  int64_t group;         // images in a task
  int64_t groups;        // tasks of a model
  const float* weights;  // packed, model after model
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

void convolve_images(const Shared& shared, int64_t model, int64_t group) {
  const Forward& call = shared.call;
  const Shape& shape = shared.inner.shape;
  const int64_t first = group * shared.group;
  const int64_t images = std::min(shared.group, call.images - first);
  const bool pooled = call.finish.pool > 1;
  float* memory = task_memory().floats(images * ((shared.inner.framed ? shape.input_size() : 0) +
                                                 (pooled ? shape.output_size() : 0)));
  const float* input = call.input + call.inputs[model] + first * call.shape.input_size();
  if (shared.inner.framed) {
    frame(call.shape, shape, input, images, memory);
    input = memory;
    memory += images * shape.input_size();
  }
  const int64_t to = call.outputs[model] + first * shape.output_size();
  Multiplication task;
  task.input = input;
  task.input_image = shape.input_size();
  task.output = pooled ? memory : call.output + to;
  task.routes = pooled || call.routes == nullptr ? nullptr : call.routes + to;
  task.output_image = shape.output_size();
  task.images = images;
  task.panels = shared.panels;
  task.weights = shared.weights + model * packed_size(shared.panels);
  task.bias = shared.biases + model * whole_lines(padded(shape.filters, shared.panels.lanes));
  task.relu = call.finish.relu && !pooled;
  task.window_stride = shape.columns.input * shape.channels;
  task.weights_stride = shape.columns.taps * shape.channels;
  multiply_regions(shared.plan->forward, shape.columns.taps, shape.channels, task, shared.steps);
  if (pooled) pool_images(shared, memory, first, images, model);
}

}  // namespace

void convolve(const Forward& call, const Steps& steps, Team& team) {
  const int64_t models = static_cast<int64_t>(call.outputs.size());
  if (models == 0 || call.images == 0 || call.shape.output_size() == 0) return;
  const Inner inner = inner_shape(call.shape);
  const Panels panels = forward_panels(inner.shape, steps.lanes);
  const int64_t filters = whole_lines(padded(inner.shape.filters, panels.lanes));
  float* packed = call_memory().floats(models * (packed_size(panels) + filters));
  float* biases = packed + models * packed_size(panels);
  share(team, models, [&](int64_t model) {
    pack_forward(inner.shape, panels, call.weights + call.kernels[model],
                 packed + model * packed_size(panels));
    pack_bias(panels, call.bias + call.biases[model], biases + model * filters);
  });
  const int64_t group = images_together(inner.shape, call.images, models);
  const int64_t groups = (call.images + group - 1) / group;
  const Shared shared = {call,   steps,  inner, plan_of(inner.shape), panels, group,
                         groups, packed, biases};
  share(team, models * groups,
        [&](int64_t task) { convolve_images(shared, task / groups, task % groups); });
}

}  // namespace hangtag
