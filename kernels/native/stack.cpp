// Steps of training a stack of dense layers. A step is three or so jobs for all threads: products
// of large layers forwards, the same backwards, and at last every weight's gradient with its update
// while the gradient is still near. What is small the calling thread does alone. Jobs are cut by
// shape alone, so that results do not depend on the number of threads.
#include "stack.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "crew.h"
#include "memory.h"

namespace hangtag {

namespace {

// Products of a layer below which handing out its tasks costs more than it saves.
constexpr int64_t kProductsAlone = 512 * 1024;

// Weights of a task of updates: their gradient stays in a core's first-level cache. Rows of a task
// are whole blocks of the product.
constexpr int64_t kWeightsOfTask = 4096;
constexpr int64_t kRowsOfBlock = 12;

// Inputs of a task of the way back.
constexpr int64_t kInputsOfTask = 96;

int64_t pieces(int64_t whole, int64_t piece) { return (whole + piece - 1) / piece; }

// Rows of one layer's weights that one task updates; the first of a layer updates its biases too.
struct Rows {
  size_t layer;
  int64_t first, last;
};

class Stack {
 public:
  Stack(StackTraining& training, const Steps& steps, Crew& crew, const Interrupts& interrupts);
  void run();

 private:
  const float* inputs_of(size_t layer) const {
    return layer ? values_[layer - 1] : images_[now_];
  }
  bool is_large(const StackLayer& layer) const {
    return training_.batch * layer.inputs * layer.outputs > kProductsAlone;
  }
  void share(bool together, int64_t count, const std::function<void(int64_t)>& task);
  void take(int64_t step, int which);
  void forward(size_t layer);
  float judge(int64_t step);
  void back(size_t layer);
  void update(int64_t step);
  void update_rows(const Rows& rows, const Adam& rule);

  StackTraining& training_;
  const Steps& steps_;
  Crew& crew_;
  const Interrupts& interrupts_;
  Memory memory_;
  std::vector<Rows> rows_;
  std::vector<float*> values_, slopes_;  // of each layer's outputs
  float* images_[2];                   // of this step and of the next one
  float* across_;  // slopes with rows and columns exchanged; zeros behind the images for good
  int64_t across_row_;
  int now_ = 0;
};

Stack::Stack(StackTraining& training, const Steps& steps, Crew& crew, const Interrupts& interrupts)
    : training_(training), steps_(steps), crew_(crew), interrupts_(interrupts) {
  const int64_t batch = training.batch;
  across_row_ = padded(batch, 2 * steps.lanes);
  int64_t widest = 0, room = 2 * whole_lines(batch * training.layers[0].inputs);
  for (const StackLayer& layer : training.layers) {
    widest = std::max(widest, layer.outputs);
    room += 2 * whole_lines(batch * layer.outputs);
  }
  float* free = memory_.floats(room + across_row_ * widest);
  const auto next = [&](int64_t count) {
    float* found = free;
    free += whole_lines(count);
    return found;
  };
  for (float*& images : images_) images = next(batch * training.layers[0].inputs);
  for (const StackLayer& layer : training.layers) {
    values_.push_back(next(batch * layer.outputs));
    slopes_.push_back(next(batch * layer.outputs));
  }
  across_ = free;
  std::fill(across_, across_ + across_row_ * widest, 0.0f);
  for (size_t at = 0; at < training.layers.size(); ++at) {
    const StackLayer& layer = training.layers[at];
    const int64_t blocks = std::max<int64_t>(1, kWeightsOfTask / layer.outputs / kRowsOfBlock);
    for (int64_t first = 0; first < layer.inputs; first += blocks * kRowsOfBlock)
      rows_.push_back({at, first, std::min(layer.inputs, first + blocks * kRowsOfBlock)});
  }
}

void Stack::run() {
  StackTraining& training = training_;
  take(training.first, now_);
  for (int64_t step = training.first; step < training.last && training.bad_step < 0; ++step) {
    if (interrupts_.pressed()) return;
    for (size_t layer = 0; layer < training.layers.size(); ++layer) forward(layer);
    const float loss = judge(step);
    if (!std::isfinite(loss)) training.bad_step = step;
    training.loss += loss * static_cast<float>(training.batch);
    ++training.done;
    for (size_t layer = training.layers.size() - 1; layer > 0; --layer) back(layer);
    update(step);
    now_ = 1 - now_;
  }
}

void Stack::share(bool together, int64_t count, const std::function<void(int64_t)>& task) {
  if (together) return crew_.share(count, task);
  for (int64_t one = 0; one < count; ++one) task(one);
}

// The images of a step as numbers.
void Stack::take(int64_t step, int which) {
  const int64_t length = training_.layers[0].inputs;
  for (int64_t row = 0; row < training_.batch; ++row)
    steps_.prepare(training_.preparing,
                   training_.pixels + training_.order[step * training_.batch + row] * length,
                   images_[which] + row * length, length);
}

void Stack::forward(size_t at) {
  const StackLayer& layer = training_.layers[at];
  const int64_t panel = 2 * steps_.lanes;
  share(is_large(layer), pieces(layer.outputs, panel), [&](int64_t task) {
    const int64_t column = task * panel;
    Product one;
    one.left = inputs_of(at);
    one.left_row = layer.inputs;
    one.left_column = 1;
    one.right = layer.weights[0] + column;
    one.right_row = layer.outputs;
    one.result = values_[at] + column;
    one.result_row = layer.outputs;
    one.rows = training_.batch;
    one.depth = layer.inputs;
    one.columns = std::min(panel, layer.outputs - column);
    steps_.product(one);
    steps_.settle(
        {one.result, one.rows, one.columns, one.result_row, layer.biases[0] + column, layer.relu});
  });
}

// The mean loss of a step, how many answers are right, and the slopes of the last layer: Keras'
// cross-entropy of a softmax, probabilities kept away from 0 and 1 by its epsilon. Rows that are
// alike round alike, so that rounding adds up over a batch where slopes cancel; past the
// exponentials, these few numbers are double until each slope is stored.
float Stack::judge(int64_t step) {
  const int64_t classes = training_.layers.back().outputs, batch = training_.batch;
  const float least = training_.least, most = 1.0f - least;
  double loss = 0;
  for (int64_t row = 0; row < batch; ++row) {
    const float* values = values_.back() + row * classes;
    float* slopes = slopes_.back() + row * classes;
    const int32_t label = training_.labels[training_.order[step * batch + row]];
    const float largest = *std::max_element(values, values + classes);
    double sum = 0;
    for (int64_t one = 0; one < classes; ++one)
      sum += slopes[one] = std::exp(values[one] - largest);
    const int64_t answer = std::max_element(slopes, slopes + classes) - slopes;
    const bool known = label >= 0 && label < classes;
    const double exact = known ? slopes[label] / sum : 0.0;
    const float own = static_cast<float>(exact);
    training_.right += known && answer == label;
    loss -= known ? std::log(std::min(std::max(own, least), most)) : 0.0f;
    // Beyond its ends the kept probability does not change.
    const double share =
        known && !(own < least) && !(own > most) ? 1.0 / static_cast<double>(batch) : 0.0;
    const double each = share / sum;
    for (int64_t one = 0; one < classes; ++one)
      slopes[one] = static_cast<float>(slopes[one] * each);
    if (known) slopes[label] = static_cast<float>((exact - 1.0) * share);
  }
  return static_cast<float>(loss / static_cast<double>(batch));
}

// The slopes of the layer before.
void Stack::back(size_t at) {
  const StackLayer& layer = training_.layers[at];
  const int64_t batch = training_.batch;
  steps_.exchange(slopes_[at], batch, layer.outputs, layer.outputs, across_, across_row_);
  const int64_t tasks = is_large(layer) ? pieces(layer.inputs, kInputsOfTask) : 1;
  share(tasks > 1, tasks, [&](int64_t task) {
    const int64_t first = layer.inputs * task / tasks;
    Product one;
    one.rows = layer.inputs * (task + 1) / tasks - first;
    one.left = layer.weights[0] + first * layer.outputs;
    one.left_row = layer.outputs;
    one.left_column = 1;
    one.right = across_;
    one.right_row = across_row_;
    one.result = slopes_[at - 1] + first;
    one.result_row = layer.inputs;
    one.depth = layer.outputs;
    one.columns = batch;
    steps_.product_across(one);
    if (!training_.layers[at - 1].relu) return;
    for (int64_t row = 0; row < batch; ++row) {
      float* slopes = one.result + row * layer.inputs;
      steps_.switch_off(slopes, values_[at - 1] + row * layer.inputs + first, slopes, one.rows);
    }
  });
}

void Stack::update(int64_t step) {
  Adam rule = training_.rule;
  rule.rate = training_.rates[step];
  const bool more = step + 1 < training_.last;
  crew_.share(static_cast<int64_t>(rows_.size()) + more, [&](int64_t task) {
    if (more && task == 0) return take(step + 1, 1 - now_);
    update_rows(rows_[static_cast<size_t>(task - more)], rule);
  });
}

void Stack::update_rows(const Rows& rows, const Adam& rule) {
  const StackLayer& layer = training_.layers[rows.layer];
  const int64_t count = (rows.last - rows.first) * layer.outputs;
  float* gradient = task_memory().floats(std::max(count, layer.outputs));
  Product one;
  one.left = inputs_of(rows.layer) + rows.first;
  one.left_row = 1;
  one.left_column = layer.inputs;
  one.right = slopes_[rows.layer];
  one.right_row = layer.outputs;
  one.result = gradient;
  one.result_row = layer.outputs;
  one.rows = rows.last - rows.first;
  one.depth = training_.batch;
  one.columns = layer.outputs;
  steps_.product(one);
  float* own[3];
  for (int kind = 0; kind < 3; ++kind) own[kind] = layer.weights[kind] + rows.first * layer.outputs;
  steps_.adam(rule, own[0], own[1], own[2], gradient, count);
  if (rows.first != 0) return;
  steps_.add_rows(slopes_[rows.layer], training_.batch, layer.outputs, gradient);
  steps_.adam(rule, layer.biases[0], layer.biases[1], layer.biases[2], gradient, layer.outputs);
}

}  // namespace

void train_stack(StackTraining& training, const Steps& steps, Team& team) {
  if (training.last <= training.first) return;
  int64_t widest = 1, products = 0;
  for (const StackLayer& layer : training.layers) {
    widest = std::max(widest, layer.inputs * layer.outputs / kWeightsOfTask);
    products += layer.inputs * layer.outputs;
  }
  team.interrupts.listen(3.0 * static_cast<double>(products) *
                         static_cast<double>(training.batch) *
                         static_cast<double>(training.last - training.first));
  const int64_t helpers = std::min(training.threads > 0 ? training.threads : widest, widest) - 1;
  Crew crew(team, helpers);
  Stack(training, steps, crew, team.interrupts).run();
}

}  // namespace hangtag
