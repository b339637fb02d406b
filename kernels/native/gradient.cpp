// Convolution backward: pictures, weights and the gradient of the feature maps in; the gradients of
// all that went in out. The slopes are led back through pooling and ReLU a few images at a time and
// used for both gradients while they are in the cache.
#include <algorithm>

#include "convolution.h"
#include "cutting.h"
#include "memory.h"
#include "packing.h"

namespace hangtag {

namespace {

// Every part of the batch sums the weights' gradient for itself and the sums are added in order:
// parts depend on the shapes alone, so the result does not depend on the threads. More parts use
// more threads and cost more adding up.
constexpr int64_t kParts = 16;

// Places of a part below which adding up its sums costs more than a tenth of making them.
constexpr int64_t kPlacesOfPart = 256;

// What a few images at a time may take of a core's second-level cache.
constexpr int64_t kCachedFloats = 64 * 1024;

// Rows of sums added up by one task.
constexpr int64_t kRowsOfTask = 64;

struct Shared {
  const Backward& call;
  const Steps& steps;
  Inner inner;
  std::shared_ptr<const Plan> plan;  // of call.shape
  Panels panels;                     // of the gradient of the input
  const float* weights;              // packed, model after model
  const float* no_bias;
  std::vector<int64_t> offsets;  // of the values of a whole window, when it is taken at once
  int lanes;                     // of the gradient of the weights
  float* parts;
  int64_t part_size;    // floats of a part's sums: the weights' rows, then the bias
  int64_t part_images;  // images of a part
  int64_t parts_count;  // of each model
};

// Leads the slopes of `images` images back to the places of the convolution.
const float* spread_slopes(const Shared& shared, int64_t model, int64_t first, int64_t images,
                           float* memory) {
  const Backward& call = shared.call;
  const Shape& shape = call.shape;
  const int64_t window = call.finish.pool;
  const int64_t size = shape.output_size() / (window * window);
  const float* slopes = call.slopes + call.outputs[model] + first * size;
  if (call.routes == nullptr) return slopes;
  const uint8_t* routes = call.routes + call.routes_of[model] + first * size;
  if (window == 1) {
    shared.steps.unrectify(slopes, routes, memory, images * shape.output_size());
    return memory;
  }
  Pooling task;
  task.height = shape.rows.output / window;
  task.width = shape.columns.output / window;
  task.channels = shape.filters;
  task.window_rows = task.window_columns = window;
  task.input_row = shape.columns.output * shape.filters;
  for (int64_t image = 0; image < images; ++image) {
    task.from_routes = routes + image * size;
    shared.steps.unpool(task, slopes + image * size, memory + image * shape.output_size());
  }
  return memory;
}

void input_gradient(const Shared& shared, const float* slopes, int64_t images, int64_t model,
                    float* output) {
  const Shape& shape = shared.call.shape;
  Multiplication task;
  task.input = slopes;
  task.input_image = shape.output_size();
  task.output = output;
  task.output_image = shape.input_size();
  task.images = images;
  task.window_stride = shape.columns.output * shape.filters;
  task.weights = shared.weights + model * packed_size(shared.panels);
  task.weights_stride = shape.columns.taps * shape.filters;
  task.bias = shared.no_bias;
  task.panels = shared.panels;
  multiply_regions(shared.plan->backward, shape.columns.taps, shape.filters, task, shared.steps);
}

// Adds the gradient of each tap's weights to the sums of a part.
void correlate_taps(const Shared& shared, Correlation task) {
  const Shape& shape = shared.inner.shape;
  const int64_t width = padded(shape.filters, shared.lanes);
  const float* input = task.input;
  const float* slopes = task.slopes;
  float* result = task.result;
  for (int64_t row = 0; row < shape.rows.taps; ++row)
    for (int64_t column = 0; column < shape.columns.taps; ++column) {
      const Span rows = span_of_tap(shape.rows, row);
      const Span columns = span_of_tap(shape.columns, column);
      const int64_t y = rows.first * shape.rows.stride - shape.rows.pad + row;
      const int64_t x = columns.first * shape.columns.stride - shape.columns.pad + column;
      task.rows = rows.last - rows.first;
      task.columns = columns.last - columns.first;
      const bool some = task.rows > 0 && task.columns > 0;
      task.input = some ? input + (y * shape.columns.input + x) * shape.channels : input;
      task.slopes =
          some ? slopes + (rows.first * shape.columns.output + columns.first) * shape.filters
               : slopes;
      task.result = result + (row * shape.columns.taps + column) * shape.channels * width;
      task.values = shape.channels;
      shared.steps.correlate(task);
    }
}

void weight_gradient(const Shared& shared, const float* input, const float* slopes, int64_t images,
                     float* sums, bool add) {
  const Shape& shape = shared.inner.shape;
  Correlation task;
  task.input = input;
  task.input_image = shape.input_size();
  task.input_row = shape.rows.stride * shape.columns.input * shape.channels;
  task.input_column = shape.columns.stride * shape.channels;
  task.slopes = slopes;
  task.slopes_image = shape.output_size();
  task.slopes_row = shape.columns.output * shape.filters;
  task.images = images;
  task.rows = shape.rows.output;
  task.columns = shape.columns.output;
  task.filters = shape.filters;
  task.lanes = shared.lanes;
  task.result = sums + shape.window_size() * padded(shape.filters, shared.lanes);
  task.add = add;
  shared.steps.add_places(task);
  task.result = sums;
  if (shared.offsets.empty()) return correlate_taps(shared, task);
  task.offsets = shared.offsets.data();
  task.values = shape.window_size();
  shared.steps.correlate(task);
}

// Offsets of a window's values; empty when taps are taken one at a time.
std::vector<int64_t> window_offsets(const Inner& inner) {
  const Shape& shape = inner.shape;
  std::vector<int64_t> offsets;
  if (!inner.short_runs) return offsets;
  for (int64_t row = 0; row < shape.rows.taps; ++row)
    for (int64_t value = 0; value < shape.columns.taps * shape.channels; ++value)
      offsets.push_back(row * shape.columns.input * shape.channels + value);
  return offsets;
}

void gradients_of_part(const Shared& shared, int64_t model, int64_t part) {
  const Backward& call = shared.call;
  const Shape& shape = call.shape;
  const Shape& inner = shared.inner.shape;
  const int64_t end = std::min((part + 1) * shared.part_images, call.images);
  const int64_t together =
      std::max<int64_t>(1, kCachedFloats / (inner.input_size() + shape.output_size()));
  float* sums = shared.parts + (model * shared.parts_count + part) * shared.part_size;
  for (int64_t first = part * shared.part_images; first < end; first += together) {
    const int64_t images = std::min(together, end - first);
    float* memory = task_memory().floats(images * (shape.output_size() + inner.input_size()));
    const float* slopes = spread_slopes(shared, model, first, images, memory);
    if (call.input_slopes != nullptr)
      input_gradient(shared, slopes, images, model,
                     call.input_slopes + call.input_gradients[model] + first * shape.input_size());
    const float* input = call.input + call.inputs[model] + first * shape.input_size();
    if (shared.inner.framed) {
      float* framed = memory + images * shape.output_size();
      frame(shape, inner, input, images, framed);
      input = framed;
    }
    weight_gradient(shared, input, slopes, images, sums, first != part * shared.part_images);
  }
}

// Adds the sums of all parts, rows shared between tasks.
void add_parts(const Shared& shared, int64_t models, Team& team) {
  const Backward& call = shared.call;
  const int64_t rows = shared.inner.shape.window_size();
  const int64_t tasks = (rows + kRowsOfTask - 1) / kRowsOfTask;
  share(team, models * tasks, [&](int64_t task) {
    const int64_t model = task / tasks;
    const int64_t first = task % tasks * kRowsOfTask;
    Parts parts;
    parts.parts = shared.parts + model * shared.parts_count * shared.part_size;
    parts.count = shared.parts_count;
    parts.stride = shared.part_size;
    parts.filters = call.shape.filters;
    parts.lanes = shared.lanes;
    parts.total = call.weight_slopes + call.weight_gradients[model];
    shared.steps.add_parts(parts, first, std::min(first + kRowsOfTask, rows));
    if (first > 0) return;
    parts.parts += rows * padded(call.shape.filters, shared.lanes);
    parts.total = call.bias_slopes + call.bias_gradients[model];
    shared.steps.add_parts(parts, 0, 1);
  });
}

// What a batch of no images gives.
void clear_gradients(const Backward& call) {
  for (const int64_t from : call.weight_gradients)
    std::fill_n(call.weight_slopes + from, call.shape.window_size() * call.shape.filters, 0.0f);
  for (const int64_t from : call.bias_gradients)
    std::fill_n(call.bias_slopes + from, call.shape.filters, 0.0f);
}

}  // namespace

void convolve_back(const Backward& call, const Steps& steps, Team& team) {
  const int64_t models = static_cast<int64_t>(call.outputs.size());
  const Shape& shape = call.shape;
  if (models == 0) return;
  if (call.images == 0) return clear_gradients(call);
  Shared shared = {call,
                   steps,
                   inner_shape(shape),
                   plan_of(shape),
                   backward_panels(shape, steps.lanes),
                   nullptr,
                   nullptr,
                   {},
                   1,
                   nullptr,
                   0,
                   0,
                   0};
  shared.offsets = window_offsets(shared.inner);
  shared.lanes = lanes_for(shape.filters, steps.lanes);
  shared.part_size = whole_lines((shape.window_size() + 1) * padded(shape.filters, shared.lanes));
  const int64_t least = kPlacesOfPart / std::max<int64_t>(1, shape.places());
  shared.part_images = std::clamp<int64_t>(std::max((call.images + kParts - 1) / kParts, least), 1,
                                           std::max<int64_t>(1, call.images));
  shared.parts_count =
      std::max<int64_t>(1, (call.images + shared.part_images - 1) / shared.part_images);

  const int64_t packed = call.input_slopes == nullptr ? 0 : packed_size(shared.panels);
  const int64_t no_bias = whole_lines(padded(shape.channels, shared.panels.lanes));
  const int64_t parts = shared.parts_count * shared.part_size;
  float* bias = call_memory().floats(no_bias + models * (packed + parts));
  float* weights = bias + no_bias;
  shared.no_bias = bias;
  shared.weights = weights;
  shared.parts = weights + models * packed;
  pack_bias(shared.panels, nullptr, bias);
  if (packed > 0)
    share(team, models, [&](int64_t model) {
      pack_backward(shape, *shared.plan, shared.panels, call.weights + call.kernels[model],
                    weights + model * packed);
    });
  share(team, models * shared.parts_count, [&](int64_t task) {
    gradients_of_part(shared, task / shared.parts_count, task % shared.parts_count);
  });
  add_parts(shared, models, team);
}

}  // namespace hangtag
