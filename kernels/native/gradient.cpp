// Convolution backward: images, weights and the gradient of the feature maps in; the gradients of
// all that went in out. The slopes are led back through pooling and ReLU a few images at a time and
// used for both gradients while they are in the cache.
#include <algorithm>

#include "convolution.h"
#include "cutting.h"
#include "memory.h"
#include "packing.h"
#include "tiles.h"

namespace hangtag {

namespace {

// Every part of the batch sums the weights' gradient for itself and the sums are added in order:
// parts depend on the shapes alone, so the result does not depend on the threads. More parts use
// more threads and cost more adding up.
constexpr int64_t kParts = 16;
constexpr int64_t kTiledParts = 8;  // which have four times the sums

// Places of a part below which adding up its sums costs more than a tenth of making them.
constexpr int64_t kPlacesOfPart = 256;

// What a few images at a time may take of a core's second-level cache. Sums of tiles are read and
// written once for each few images, so there it is worth leaving that cache.
constexpr int64_t kCachedFloats = 64 * 1024;
constexpr int64_t kTiledFloats = 256 * 1024;

// Rows of sums added up by one task.
constexpr int64_t kRowsOfTask = 64;

struct Shared {
  const Backward& call;
  const Steps& steps;
  const Interrupts& interrupts;
  Inner inner;
  std::shared_ptr<const Plan> plan;  // of call.shape
  Shape around;                      // of the gradient of the input
  Panels panels;
  bool tiled_input;      // the gradient of the input is made by tiles
  bool tiled_weights;    // and that of the weights
  const float* weights;  // packed, model after model
  int64_t weights_size;  // floats of a model's
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

// Gradients return whether tiles, if any were used, can be trusted.
bool input_gradient(const Shared& shared, const float* slopes, int64_t images, int64_t model,
                    float* output, float* tiles) {
  const Shape& shape = shared.call.shape;
  const float* weights = shared.weights + model * shared.weights_size;
  if (shared.tiled_input) {
    TileConvolution task;
    task.shape = shared.around;
    task.images = images;
    task.input = slopes;
    task.weights = weights;
    task.bias = shared.no_bias;
    task.panels = shared.panels;
    task.output = output;
    return convolve_tiles(task, shared.steps, tiles);
  }
  Multiplication task;
  task.input = slopes;
  task.input_image = shape.output_size();
  task.output = output;
  task.output_image = shape.input_size();
  task.images = images;
  task.window_stride = shape.columns.output * shape.filters;
  task.weights = weights;
  task.weights_stride = shape.columns.taps * shape.filters;
  task.bias = shared.no_bias;
  task.panels = shared.panels;
  multiply_regions(shared.plan->backward, shape.columns.taps, shape.filters, task, shared.steps);
  return true;
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
  if (shared.tiled_weights) return;
  task.result = sums;
  if (shared.offsets.empty()) return correlate_taps(shared, task);
  task.offsets = shared.offsets.data();
  task.values = shape.window_size();
  shared.steps.correlate(task);
}

// Weights and bias of a first layer, whose slopes need not be led back to all places first.
void grey_gradient(const Shared& shared, const float* input, int64_t model, int64_t first,
                   int64_t images, float* sums, bool add) {
  const Backward& call = shared.call;
  const Shape& shape = shared.inner.shape;
  const int64_t size = shape.output_size() / 4;
  GreyLayer task;
  task.input = input;
  task.input_image = shape.input_size();
  task.input_row = shape.columns.input;
  task.images = images;
  task.height = shape.rows.output / 2;
  task.width = shape.columns.output / 2;
  task.filters = shape.filters;
  task.slopes = call.slopes + call.outputs[model] + first * size;
  task.from_routes = call.routes + call.routes_of[model] + first * size;
  task.sums = sums;
  task.add = add;
  shared.steps.grey_gradient(task);
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

bool gradients_of_part(const Shared& shared, int64_t model, int64_t part) {
  const Backward& call = shared.call;
  const Shape& shape = call.shape;
  const Shape& inner = shared.inner.shape;
  const int64_t end = std::min((part + 1) * shared.part_images, call.images);
  const int64_t together =
      std::min(shared.part_images,
               std::max<int64_t>(1, (shared.tiled_weights ? kTiledFloats : kCachedFloats) /
                                        (inner.input_size() + shape.output_size())));
  float* sums = shared.parts + (model * shared.parts_count + part) * shared.part_size;
  const int64_t tile_sums = shared.tiled_weights ? tile_sums_size(shape, shared.lanes) : 0;
  const int64_t tile_room = std::max(shared.tiled_input ? convolution_memory(shared.around) : 0,
                                     shared.tiled_weights ? correlation_memory(shape) : 0);
  float* memory = task_memory().floats(tile_sums + tile_room +
                                       together * (shape.output_size() + inner.input_size()));
  float* tiles = memory + tile_sums;
  float* spread = tiles + tile_room;
  const bool grey = call.input_slopes == nullptr && is_grey_layer(shape, call.finish);
  bool finite = true;
  for (int64_t first = part * shared.part_images; first < end; first += together) {
    shared.interrupts.heed();
    const int64_t images = std::min(together, end - first);
    const bool add = first != part * shared.part_images;
    const float* slopes = grey ? nullptr : spread_slopes(shared, model, first, images, spread);
    if (call.input_slopes != nullptr)
      finite = input_gradient(
                   shared, slopes, images, model,
                   call.input_slopes + call.input_gradients[model] + first * shape.input_size(),
                   tiles) &&
               finite;
    const float* input = call.input + call.inputs[model] + first * shape.input_size();
    if (shared.inner.framed) {
      float* framed = spread + images * shape.output_size();
      frame(shape, inner, input, images, framed);
      input = framed;
    }
    if (grey)
      grey_gradient(shared, input, model, first, images, sums, add);
    else
      weight_gradient(shared, input, slopes, images, sums, add);
    if (shared.tiled_weights)
      correlate_tiles({shape, images, input, slopes, shared.lanes, memory, add}, shared.steps,
                      tiles);
  }
  if (shared.tiled_weights)
    finite = tile_gradient(shape, shared.lanes, memory, shared.steps, sums) && finite;
  return finite;
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

// Packs the weights of all models for the gradient of the input.
void pack_around(const Shared& shared, int64_t models, float* flipped, float* to, Team& team) {
  const Shape& shape = shared.call.shape;
  const auto weights = [&](int64_t model) {
    return shared.call.weights + shared.call.kernels[model];
  };
  if (!shared.tiled_input)
    return share(team, models, [&](int64_t model) {
      pack_backward(shape, *shared.plan, shared.panels, weights(model),
                    to + model * shared.weights_size);
    });
  const int64_t taps = shape.rows.taps * shape.columns.taps;
  const int64_t tap = shape.channels * shape.filters;
  share(team, models * taps, [&](int64_t task) {
    const int64_t model = task / taps;
    const int64_t one = task % taps;
    shared.steps.exchange(weights(model) + one * tap, shape.channels, shape.filters, shape.filters,
                          flipped + (model * taps + taps - 1 - one) * tap, shape.channels);
  });
  share_tile_weights(
      shared.panels, models, [&](int64_t model) { return flipped + model * taps * tap; },
      shared.steps, team, to);
}

// Returns the models to do again by windows: those with values that are not finite.
std::vector<int64_t> convolve_models_back(const Backward& call, bool tiled, const Steps& steps,
                                          Team& team) {
  const int64_t models = static_cast<int64_t>(call.outputs.size());
  const Shape& shape = call.shape;
  Shared shared = {call,
                   steps,
                   team.interrupts,
                   inner_shape(shape),
                   plan_of(shape),
                   rotated(shape),
                   {},
                   false,
                   false,
                   nullptr,
                   0,
                   nullptr,
                   {},
                   1,
                   nullptr,
                   0,
                   0,
                   0};
  shared.tiled_weights = tiled && tiles_pay(shape);
  shared.tiled_input = tiled && call.input_slopes != nullptr && tiles_pay(shared.around);
  shared.panels = shared.tiled_input ? tile_panels(shared.around, steps.lanes)
                                     : backward_panels(shape, steps.lanes);
  if (call.input_slopes != nullptr)
    shared.weights_size =
        shared.tiled_input ? tile_weights_size(shared.panels) : packed_size(shared.panels);
  shared.offsets = window_offsets(shared.inner);
  shared.lanes = lanes_for(shape.filters, steps.lanes);
  shared.part_size = whole_lines((shape.window_size() + 1) * padded(shape.filters, shared.lanes));
  const int64_t least = kPlacesOfPart / std::max<int64_t>(1, shape.places());
  const int64_t most = shared.tiled_weights ? kTiledParts : kParts;
  shared.part_images = std::clamp<int64_t>(std::max((call.images + most - 1) / most, least), 1,
                                           std::max<int64_t>(1, call.images));
  shared.parts_count =
      std::max<int64_t>(1, (call.images + shared.part_images - 1) / shared.part_images);

  const int64_t no_bias = whole_lines(padded(shape.channels, shared.panels.lanes));
  const int64_t parts = shared.parts_count * shared.part_size;
  const int64_t flipped = shared.tiled_input ? whole_lines(shape.window_size() * shape.filters) : 0;
  float* bias = call_memory().floats(no_bias + models * (shared.weights_size + parts + flipped));
  float* weights = bias + no_bias;
  shared.no_bias = bias;
  shared.weights = weights;
  shared.parts = weights + models * shared.weights_size;
  pack_bias(shared.panels, nullptr, bias);
  if (call.input_slopes != nullptr)
    pack_around(shared, models, shared.parts + models * parts, weights, team);
  std::vector<uint8_t> finite(models * shared.parts_count);
  share(team, models * shared.parts_count, [&](int64_t task) {
    finite[task] = gradients_of_part(shared, task / shared.parts_count, task % shared.parts_count);
  });
  add_parts(shared, models, team);
  return not_finite(finite, models);
}

}  // namespace

void convolve_back(const Backward& call, const Steps& steps, Team& team) {
  if (call.outputs.empty()) return;
  if (call.images == 0) return clear_gradients(call);
  team.interrupts.listen(2 * products_of(call.shape, call.images, call.outputs.size()));
  const std::vector<int64_t> again = convolve_models_back(call, true, steps, team);
  if (again.empty()) return;
  Backward rest = call;
  rest.inputs = chosen(call.inputs, again);
  rest.kernels = chosen(call.kernels, again);
  if (call.routes != nullptr) rest.routes_of = chosen(call.routes_of, again);
  rest.outputs = chosen(call.outputs, again);
  if (call.input_slopes != nullptr) rest.input_gradients = chosen(call.input_gradients, again);
  rest.weight_gradients = chosen(call.weight_gradients, again);
  rest.bias_gradients = chosen(call.bias_gradients, again);
  convolve_models_back(rest, false, steps, team);
}

}  // namespace hangtag
