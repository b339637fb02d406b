// Dense layers and their gradients: products cut into tasks by shape alone, so that results do not
// depend on the number of threads.
#include "dense.h"

#include <algorithm>

#include "memory.h"

namespace hangtag {

namespace {

// Products of a task below which sharing it costs more than it saves: some microseconds.
constexpr int64_t kProductsOfTask = 256 * 1024;

// Tasks of a call: enough that a thread that starts late costs little.
constexpr int64_t kTasks = 16;

// Rows of weights a task reads over and over: what stays in a core's second-level cache.
constexpr int64_t kDepthOfTask = 2048;

// Rows that one look at the clock is nothing to: whole blocks of the product.
constexpr int64_t kRowsAtOnce = 12;

// Partial sums that one thread adds up before another one would be there.
constexpr int64_t kFinishedAtOnce = 32 * 1024;

// Rows of images that one task works on.
constexpr int64_t kRowsOfTask = 192;

// Products after which somebody may want to know whether to go on: some ten milliseconds.
constexpr int64_t kLooking = int64_t{1} << 30;

int64_t pieces(int64_t whole, int64_t piece) { return (whole + piece - 1) / piece; }

int64_t wanted_tasks(const DenseShape& shape, int64_t models) {
  const int64_t products = shape.rows * shape.inputs * shape.outputs;
  return std::clamp<int64_t>(products / kProductsOfTask, 1, std::max<int64_t>(1, kTasks / models));
}

// How a forward product is cut: images, then outputs (in panels of two groups), then inputs.
struct Cut {
  int64_t row_pieces, column_pieces, parts;
  int64_t panel;  // outputs of a panel
  int64_t panels;
  int64_t tasks() const { return row_pieces * column_pieces * parts; }
};

Cut cut_of(const DenseShape& shape, int64_t models, int lanes) {
  Cut cut;
  const int64_t wanted = wanted_tasks(shape, models);
  cut.panel = 2 * lanes;
  cut.panels = pieces(shape.outputs, cut.panel);
  cut.row_pieces = wanted == 1 ? 1 : pieces(shape.rows, kRowsOfTask);
  const int64_t left = pieces(wanted, cut.row_pieces);
  cut.column_pieces = std::min(left, cut.panels);
  const int64_t deep = std::max(left / cut.column_pieces, pieces(shape.inputs, kDepthOfTask));
  cut.parts = std::clamp<int64_t>(deep, 1, std::max<int64_t>(1, shape.inputs / 64));
  return cut;
}

}  // namespace

void dense(const DenseForward& call, const Steps& steps, Team& team) {
  const DenseShape& shape = call.shape;
  const int64_t models = static_cast<int64_t>(call.outputs.size());
  if (models == 0 || shape.rows == 0 || shape.outputs == 0) return;
  team.interrupts.listen(products_of(shape, call.outputs.size()));
  const Cut cut = cut_of(shape, models, steps.lanes);
  const int64_t size = whole_lines(shape.rows * shape.outputs);
  float* sums = call_memory().floats(models * cut.parts * size);
  share(team, models * cut.tasks(), [&](int64_t task) {
    const int64_t model = task / cut.tasks();
    const int64_t part = task % cut.parts;
    const int64_t column_piece = task / cut.parts % cut.column_pieces;
    const int64_t row_piece = task / (cut.parts * cut.column_pieces) % cut.row_pieces;
    const int64_t row = shape.rows * row_piece / cut.row_pieces;
    const int64_t column = cut.panels * column_piece / cut.column_pieces * cut.panel;
    const int64_t column_end =
        std::min(shape.outputs, cut.panels * (column_piece + 1) / cut.column_pieces * cut.panel);
    const int64_t from = shape.inputs * part / cut.parts;
    Product one;
    one.left = call.input + call.inputs[model] + row * shape.inputs + from;
    one.left_row = shape.inputs;
    one.left_column = 1;
    one.right = call.weights + call.kernels[model] + from * shape.outputs + column;
    one.right_row = shape.outputs;
    one.result = sums + (model * cut.parts + part) * size + row * shape.outputs + column;
    one.result_row = shape.outputs;
    one.depth = shape.inputs * (part + 1) / cut.parts - from;
    one.columns = column_end - column;
    const int64_t end = shape.rows * (row_piece + 1) / cut.row_pieces;
    const int64_t rows =
        std::max(kRowsAtOnce, kLooking / std::max<int64_t>(1, one.depth * one.columns));
    for (int64_t first = row; first < end; first += rows) {
      team.interrupts.heed();
      one.rows = std::min(rows, end - first);
      steps.product(one);
      one.left += rows * one.left_row;
      one.result += rows * one.result_row;
    }
  });
  const int64_t slices = shape.rows * shape.outputs * cut.parts < kFinishedAtOnce ? 1 : kTasks;
  const int64_t rows = pieces(shape.rows, slices);
  const int64_t finishing = pieces(shape.rows, rows);
  share(team, models * finishing, [&](int64_t task) {
    const int64_t model = task / finishing;
    const int64_t first = task % finishing * rows;
    steps.finish({sums + model * cut.parts * size + first * shape.outputs, cut.parts, size,
                  std::min(rows, shape.rows - first), shape.outputs, call.bias + call.biases[model],
                  shape.relu, call.output + call.outputs[model] + first * shape.outputs});
  });
}

namespace {

// Everything the tasks of a gradient read and none writes.
struct Shared {
  const DenseBackward& call;
  const Steps& steps;
  float* slopes;        // model after model, where the ReLU was on
  float* across;        // the same with rows and columns exchanged, rows of whole groups
  int64_t slopes_size;  // of a model
  int64_t across_size;
  int64_t across_row;
  int64_t tasks;  // of a model
};

const float* slopes_of(const Shared& shared, int64_t model) {
  const DenseBackward& call = shared.call;
  if (call.shape.relu) return shared.slopes + model * shared.slopes_size;
  return call.slopes + call.slopes_of[model];
}

void prepare(const Shared& shared, int64_t model) {
  const DenseBackward& call = shared.call;
  const DenseShape& shape = call.shape;
  if (shape.relu)
    shared.steps.switch_off(call.slopes + call.slopes_of[model], call.output + call.outputs[model],
                            shared.slopes + model * shared.slopes_size, shape.rows * shape.outputs);
  const float* slopes = slopes_of(shared, model);
  shared.steps.add_rows(slopes, shape.rows, shape.outputs,
                        call.bias_slopes + call.bias_gradients[model]);
  if (call.input_slopes == nullptr) return;
  float* across = shared.across + model * shared.across_size;
  for (int64_t output = 0; output < shape.outputs; ++output)
    std::fill(across + output * shared.across_row + shape.rows,
              across + (output + 1) * shared.across_row, 0.0f);
  shared.steps.exchange(slopes, shape.rows, shape.outputs, shape.outputs, across,
                        shared.across_row);
}

// The gradients of some inputs and of their weights.
void gradients(const Shared& shared, int64_t model, int64_t first, int64_t last) {
  const DenseBackward& call = shared.call;
  const DenseShape& shape = call.shape;
  Product one;
  one.rows = last - first;
  one.left = call.input + call.inputs[model] + first;
  one.left_row = 1;
  one.left_column = shape.inputs;
  one.right = slopes_of(shared, model);
  one.right_row = shape.outputs;
  one.result = call.weight_slopes + call.weight_gradients[model] + first * shape.outputs;
  one.result_row = shape.outputs;
  one.depth = shape.rows;
  one.columns = shape.outputs;
  shared.steps.product(one);
  if (call.input_slopes == nullptr) return;
  one.left = call.weights + call.kernels[model] + first * shape.outputs;
  one.left_row = shape.outputs;
  one.left_column = 1;
  one.right = shared.across + model * shared.across_size;
  one.right_row = shared.across_row;
  one.result = call.input_slopes + call.input_gradients[model] + first;
  one.result_row = shape.inputs;
  one.depth = shape.outputs;
  one.columns = shape.rows;
  shared.steps.product_across(one);
}

}  // namespace

void dense_back(const DenseBackward& call, const Steps& steps, Team& team) {
  const DenseShape& shape = call.shape;
  const int64_t models = static_cast<int64_t>(call.weight_gradients.size());
  if (models == 0) return;
  team.interrupts.listen(2 * products_of(shape, call.weight_gradients.size()));
  Shared shared = {call, steps, nullptr, nullptr, 0, 0, 0, 0};
  if (shape.relu) shared.slopes_size = whole_lines(shape.rows * shape.outputs);
  if (call.input_slopes != nullptr) {
    shared.across_row = padded(shape.rows, 2 * steps.lanes);
    shared.across_size = whole_lines(shared.across_row * shape.outputs);
  }
  shared.slopes = call_memory().floats(models * (shared.slopes_size + shared.across_size));
  shared.across = shared.slopes + models * shared.slopes_size;
  // A task has enough neighbouring inputs that lines of the gradient are hardly shared.
  const int64_t looks = shape.rows * shape.inputs * shape.outputs / kLooking;
  shared.tasks =
      std::clamp<int64_t>(shape.inputs / 64, 1, std::max(looks, 2 * wanted_tasks(shape, models)));
  const bool large = shape.rows * shape.outputs > kFinishedAtOnce;
  if (large)
    share(team, models, [&](int64_t model) { prepare(shared, model); });
  else
    for (int64_t model = 0; model < models; ++model) prepare(shared, model);
  share(team, models * shared.tasks, [&](int64_t task) {
    const int64_t part = task % shared.tasks;
    gradients(shared, task / shared.tasks, shape.inputs * part / shared.tasks,
              shape.inputs * (part + 1) / shared.tasks);
  });
}

}  // namespace hangtag
