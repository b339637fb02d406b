// The kernels without Python and XLA, for the address sanitizer and valgrind: odd shapes in, every
// instruction set this processor has against the definition in double precision. Arrays are exactly
// as long as they must be, so that a step beyond their end is seen.
#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "convolution.h"
#include "dense.h"
#include "nearest.h"
#include "normalization.h"
#include "pooling.h"
#include "processor.h"
#include "stack.h"
#include "team.h"
#include "team_test.h"

namespace {

using hangtag::Backward;
using hangtag::Forward;
using hangtag::Shape;

// Relative to the largest value; sums of a few thousand products in single precision.
constexpr double kTolerance = 1e-5;

class Threads : public hangtag::Team {
 public:
  explicit Threads(int count) : count_(count) {
    for (int one = 1; one < count; ++one) workers_.emplace_back([this] { work(); });
  }
  ~Threads() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
    }
    news_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  int64_t threads() const override { return count_; }
  void start(std::function<void()> task) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    news_.notify_one();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      news_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  const int count_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::thread> workers_;
};

struct Case {
  int64_t images, height, width, channels, filters, rows, columns, stride, pad_top, pad_left, pool;
  int64_t out_rows, out_columns;  // after pooling
  bool relu;
  bool first;  // of a network: nobody asks for the gradient of its input
};

struct Arrays {
  std::vector<float> input, weights, bias, output, slopes, input_slopes, weight_slopes, bias_slopes;
  std::vector<uint8_t> routes;
};

Shape shape_of(const Case& one) {
  Shape shape;
  shape.rows = {one.height, one.out_rows * one.pool, one.rows, one.stride, one.pad_top};
  shape.columns = {one.width, one.out_columns * one.pool, one.columns, one.stride, one.pad_left};
  shape.channels = one.channels;
  shape.filters = one.filters;
  return shape;
}

std::vector<float> numbers(size_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> found(count);
  std::generate(found.begin(), found.end(), [&] { return normal(random); });
  return found;
}

Arrays arrays_for(const Case& one, std::mt19937& random) {
  const Shape shape = shape_of(one);
  const size_t out = one.images * one.out_rows * one.out_columns * one.filters;
  Arrays arrays;
  arrays.input = numbers(one.images * shape.input_size(), random);
  arrays.weights = numbers(shape.window_size() * one.filters, random);
  arrays.bias = numbers(one.filters, random);
  arrays.slopes = numbers(out, random);
  arrays.output.resize(out);
  arrays.routes.resize(out);
  arrays.input_slopes.resize(arrays.input.size());
  arrays.weight_slopes.resize(arrays.weights.size());
  arrays.bias_slopes.resize(arrays.bias.size());
  return arrays;
}

void run(const Case& one, Arrays& arrays, const hangtag::Steps& steps, hangtag::Team& team) {
  Forward forward;
  forward.shape = shape_of(one);
  forward.finish = {one.relu, one.pool};
  forward.images = one.images;
  forward.input = arrays.input.data();
  forward.weights = arrays.weights.data();
  forward.bias = arrays.bias.data();
  forward.output = arrays.output.data();
  const bool routed = one.relu || one.pool > 1;
  forward.routes = routed ? arrays.routes.data() : nullptr;
  forward.inputs = forward.kernels = forward.biases = forward.outputs = {0};
  hangtag::convolve(forward, steps, team);

  Backward back;
  back.shape = forward.shape;
  back.finish = forward.finish;
  back.images = one.images;
  back.input = forward.input;
  back.weights = forward.weights;
  back.routes = forward.routes;
  back.slopes = arrays.slopes.data();
  back.input_slopes = one.first ? nullptr : arrays.input_slopes.data();
  back.weight_slopes = arrays.weight_slopes.data();
  back.bias_slopes = arrays.bias_slopes.data();
  back.inputs = back.kernels = back.routes_of = back.outputs = {0};
  back.input_gradients = back.weight_gradients = back.bias_gradients = {0};
  hangtag::convolve_back(back, steps, team);
}

// The same by the definition. Slopes go where the routes of the run under test say, which the
// comparison of outputs has found right.
struct Expected {
  std::vector<double> output, input_slopes, weight_slopes, bias_slopes;
};

Expected expected(const Case& one, const Arrays& arrays) {
  Expected found;
  found.input_slopes.assign(arrays.input.size(), 0);
  found.weight_slopes.assign(arrays.weights.size(), 0);
  found.bias_slopes.assign(arrays.bias.size(), 0);
  std::vector<double> window(one.pool * one.pool);
  size_t at = 0;
  // Calls `visit(input index, weight index)` for every tap of a place inside the image.
  const auto taps = [&](int64_t image, int64_t y, int64_t x, int64_t filter, auto visit) {
    for (int64_t r = 0; r < one.rows; ++r)
      for (int64_t c = 0; c < one.columns; ++c) {
        const int64_t row = y * one.stride - one.pad_top + r;
        const int64_t column = x * one.stride - one.pad_left + c;
        if (row < 0 || row >= one.height || column < 0 || column >= one.width) continue;
        for (int64_t channel = 0; channel < one.channels; ++channel)
          visit(((image * one.height + row) * one.width + column) * one.channels + channel,
                ((r * one.columns + c) * one.channels + channel) * one.filters + filter);
      }
  };
  for (int64_t image = 0; image < one.images; ++image)
    for (int64_t y = 0; y < one.out_rows; ++y)
      for (int64_t x = 0; x < one.out_columns; ++x)
        for (int64_t filter = 0; filter < one.filters; ++filter, ++at) {
          for (int64_t place = 0; place < one.pool * one.pool; ++place) {
            double sum = arrays.bias[filter];
            taps(image, y * one.pool + place / one.pool, x * one.pool + place % one.pool, filter,
                 [&](int64_t from, int64_t weight) {
                   sum += double(arrays.input[from]) * arrays.weights[weight];
                 });
            window[place] = sum;
          }
          const double best = *std::max_element(window.begin(), window.end());
          found.output.push_back(one.relu ? std::max(best, 0.0) : best);
          const bool routed = one.relu || one.pool > 1;
          const int64_t route = routed ? arrays.routes[at] : 0;
          if (route == hangtag::kNoRoute) continue;
          const double slope = arrays.slopes[at];
          found.bias_slopes[filter] += slope;
          taps(image, y * one.pool + route / one.pool, x * one.pool + route % one.pool, filter,
               [&](int64_t from, int64_t weight) {
                 found.input_slopes[from] += slope * arrays.weights[weight];
                 found.weight_slopes[weight] += slope * arrays.input[from];
               });
        }
  return found;
}

// Relative to the largest of all numbers; or to `largest`, the size of what they are sums of, where
// such a sum may be next to nothing.
double difference(const std::vector<float>& found, const std::vector<double>& wanted,
                  double largest = 1e-30) {
  double worst = 0;
  for (const double one : wanted) largest = std::max(largest, std::abs(one));
  for (size_t at = 0; at < wanted.size(); ++at)
    worst = std::max(worst, std::abs(found[at] - wanted[at]));
  return worst / largest;
}

double largest_of(const std::vector<float>& values) {
  double largest = 0;
  for (const float one : values) largest = std::max(largest, double(std::abs(one)));
  return largest;
}

int complain(const char* what, const hangtag::Steps& steps, const Case& one) {
  std::printf("%s wrong with %s: %ld images of %ldx%ldx%ld, %ld filters of %ldx%ld\n", what,
              steps.name, long(one.images), long(one.height), long(one.width), long(one.channels),
              long(one.filters), long(one.rows), long(one.columns));
  return 1;
}

int check_convolution(const Case& one, const hangtag::Steps& steps, std::mt19937& random) {
  Arrays arrays = arrays_for(one, random);
  Threads two(2);
  run(one, arrays, steps, two);
  const Expected wanted = expected(one, arrays);
  int wrong = 0;
  if (difference(arrays.output, wanted.output) > kTolerance)
    wrong += complain("output", steps, one);
  if (!one.first && difference(arrays.input_slopes, wanted.input_slopes) > kTolerance)
    wrong += complain("gradient of the input", steps, one);
  if (difference(arrays.weight_slopes, wanted.weight_slopes) > kTolerance)
    wrong += complain("gradient of the weights", steps, one);
  if (difference(arrays.bias_slopes, wanted.bias_slopes) > kTolerance)
    wrong += complain("gradient of the bias", steps, one);
  for (const int threads : {1, 3, 5}) {
    Arrays again = arrays;
    Threads others(threads);
    run(one, again, steps, others);
    if (again.output != arrays.output || again.input_slopes != arrays.input_slopes ||
        again.weight_slopes != arrays.weight_slopes || again.bias_slopes != arrays.bias_slopes)
      wrong += complain("with other threads, a bit", steps, one);
  }
  return wrong;
}

// Any shape the calls accept, small enough for the definition.
Case random_case(std::mt19937& random) {
  const auto from = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  for (;;) {
    Case one = {};
    one.images = from(1, 9);
    one.height = from(1, 13);
    one.width = from(1, 13);
    one.channels = from(1, 4) == 1 ? from(1, 40) : from(1, 9);
    one.filters = from(1, 4) == 1 ? from(1, 70) : from(1, 33);
    one.rows = from(1, 5);
    one.columns = from(1, 5);
    one.stride = from(1, 3);
    one.pad_top = from(0, 2);
    one.pad_left = from(0, 2);
    one.pool = from(1, 3);
    one.relu = from(0, 1) == 1;
    // As conv2d counts, with up to two rows and columns of zeros behind.
    const int64_t rows = one.height + one.pad_top + from(0, 2) - one.rows;
    const int64_t columns = one.width + one.pad_left + from(0, 2) - one.columns;
    one.out_rows = rows < 0 ? 0 : (rows / one.stride + 1) / one.pool;
    one.out_columns = columns < 0 ? 0 : (columns / one.stride + 1) / one.pool;
    if (one.out_rows > 0 && one.out_columns > 0) return one;
  }
}

// 3 × 3 windows with enough channels, so that most are done by tiles.
Case tiled_case(std::mt19937& random) {
  const auto from = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  Case one = {};
  one.images = from(1, 20);
  one.height = from(5, 15);
  one.width = from(5, 15);
  one.channels = from(16, 70);
  one.filters = from(16, 70);
  one.rows = one.columns = 3;
  one.stride = 1;
  one.pad_top = from(0, 2);
  one.pad_left = from(0, 2);
  one.pool = from(1, 2);
  one.relu = from(0, 1) == 1;
  one.out_rows = (one.height + one.pad_top + from(0, 2) - 2) / one.pool;
  one.out_columns = (one.width + one.pad_left + from(0, 2) - 2) / one.pool;
  return one;
}

// The first layer of a network for grey images, pooled.
Case grey_case(std::mt19937& random) {
  const auto from = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  Case one = {};
  one.images = from(1, 40);
  one.height = from(4, 15);
  one.width = from(4, 15);
  one.channels = 1;
  one.filters = from(1, 70);
  one.rows = one.columns = 3;
  one.stride = 1;
  one.pad_top = from(0, 1);
  one.pad_left = from(0, 1);
  one.pool = 2;
  one.relu = from(0, 1) == 1;
  one.first = from(0, 3) > 0;
  one.out_rows = (one.height + one.pad_top + from(0, 1) - 2) / 2;
  one.out_columns = (one.width + one.pad_left + from(0, 1) - 2) / 2;
  return one;
}

// What is not finite must go where windows take it and no further. Without ReLU and pooling, which
// make zeros of slopes, and zeros times infinity are not what the definition here multiplies.
int check_poison(Case one, const hangtag::Steps& steps, std::mt19937& random) {
  one.out_rows *= one.pool;
  one.out_columns *= one.pool;
  one.pool = 1;
  one.relu = false;
  Arrays arrays = arrays_for(one, random);
  arrays.input[arrays.input.size() / 2] = std::numeric_limits<float>::quiet_NaN();
  arrays.weights[arrays.weights.size() / 3] = std::numeric_limits<float>::infinity();
  Threads two(2);
  run(one, arrays, steps, two);
  const Expected wanted = expected(one, arrays);
  const auto differ = [](const std::vector<float>& found, const std::vector<double>& wanted) {
    for (size_t at = 0; at < found.size(); ++at)
      if (std::isfinite(found[at]) != std::isfinite(wanted[at])) return true;
    return false;
  };
  int wrong = 0;
  if (differ(arrays.output, wanted.output))
    wrong += complain("what is not finite in the output", steps, one);
  if (differ(arrays.input_slopes, wanted.input_slopes))
    wrong += complain("what is not finite in the gradient of the input", steps, one);
  if (differ(arrays.weight_slopes, wanted.weight_slopes))
    wrong += complain("what is not finite in the gradient of the weights", steps, one);
  return wrong;
}

int check_pooling(int64_t window, int64_t channels, const hangtag::Steps& steps,
                  std::mt19937& random) {
  const hangtag::PoolCall call = {3, 7, 8, channels, window};
  std::vector<float> input = numbers(call.images * call.input_size(), random);
  input[5] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> slopes = numbers(call.images * call.output_size(), random);
  std::vector<float> output(slopes.size()), spread(input.size(), 1.0f);
  std::vector<uint8_t> routes(slopes.size());
  Threads two(2);
  hangtag::pool_images(call, input.data(), output.data(), routes.data(), steps, two);
  hangtag::unpool_images(call, slopes.data(), routes.data(), spread.data(), steps, two);
  double total = 0, passed = 0;
  for (const float slope : slopes) total += slope;
  for (const float slope : spread) passed += slope;
  int wrong = std::abs(total - passed) > 1e-3;
  for (const uint8_t route : routes) wrong += route >= window * window;
  if (wrong > 0) std::printf("pooling wrong with %s, windows of %ld\n", steps.name, long(window));
  return wrong;
}

struct DenseArrays {
  std::vector<float> input, weights, bias, output, slopes, input_slopes, weight_slopes, bias_slopes;
};

void run_dense(const hangtag::DenseShape& shape, DenseArrays& arrays, const hangtag::Steps& steps,
               hangtag::Team& team) {
  hangtag::DenseForward forward;
  forward.shape = shape;
  forward.input = arrays.input.data();
  forward.weights = arrays.weights.data();
  forward.bias = arrays.bias.data();
  forward.output = arrays.output.data();
  forward.inputs = forward.kernels = forward.biases = forward.outputs = {0};
  hangtag::dense(forward, steps, team);
  hangtag::DenseBackward back;
  back.shape = shape;
  back.input = forward.input;
  back.weights = forward.weights;
  back.output = shape.relu ? forward.output : nullptr;
  back.slopes = arrays.slopes.data();
  back.input_slopes = arrays.input_slopes.data();
  back.weight_slopes = arrays.weight_slopes.data();
  back.bias_slopes = arrays.bias_slopes.data();
  back.inputs = back.kernels = back.outputs = back.slopes_of = {0};
  back.input_gradients = back.weight_gradients = back.bias_gradients = {0};
  hangtag::dense_back(back, steps, team);
}

int check_dense(const hangtag::Steps& steps, std::mt19937& random) {
  const auto from = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  const hangtag::DenseShape shape = {from(1, 70), from(1, 4) == 1 ? from(1, 3000) : from(1, 200),
                                     from(1, 130), from(0, 1) == 1};
  DenseArrays arrays;
  arrays.input = numbers(shape.rows * shape.inputs, random);
  arrays.weights = numbers(shape.inputs * shape.outputs, random);
  arrays.bias = numbers(shape.outputs, random);
  arrays.slopes = numbers(shape.rows * shape.outputs, random);
  arrays.output.resize(arrays.slopes.size());
  arrays.input_slopes.resize(arrays.input.size());
  arrays.weight_slopes.resize(arrays.weights.size());
  arrays.bias_slopes.resize(arrays.bias.size());
  Threads two(2);
  run_dense(shape, arrays, steps, two);

  std::vector<double> output, input_slopes(arrays.input.size()),
      weight_slopes(arrays.weights.size()), bias_slopes(arrays.bias.size());
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t unit = 0; unit < shape.outputs; ++unit) {
      const int64_t at = row * shape.outputs + unit;
      double sum = arrays.bias[unit];
      for (int64_t one = 0; one < shape.inputs; ++one)
        sum += double(arrays.input[row * shape.inputs + one]) *
               arrays.weights[one * shape.outputs + unit];
      output.push_back(shape.relu ? std::max(sum, 0.0) : sum);
      const double slope = shape.relu && !(arrays.output[at] > 0) ? 0.0 : arrays.slopes[at];
      bias_slopes[unit] += slope;
      for (int64_t one = 0; one < shape.inputs; ++one) {
        input_slopes[row * shape.inputs + one] +=
            slope * arrays.weights[one * shape.outputs + unit];
        weight_slopes[one * shape.outputs + unit] += slope * arrays.input[row * shape.inputs + one];
      }
    }
  // A few sums of both signs may come to nothing; their terms do not.
  const double input = largest_of(arrays.input), slope = largest_of(arrays.slopes);
  int wrong = difference(arrays.output, output) > kTolerance;
  wrong += difference(arrays.input_slopes, input_slopes) > kTolerance;
  wrong += difference(arrays.weight_slopes, weight_slopes, input * slope) > kTolerance;
  wrong += difference(arrays.bias_slopes, bias_slopes, slope) > kTolerance;
  for (const int threads : {1, 3, 5}) {
    DenseArrays again = arrays;
    Threads others(threads);
    run_dense(shape, again, steps, others);
    wrong += again.output != arrays.output || again.input_slopes != arrays.input_slopes ||
             again.weight_slopes != arrays.weight_slopes || again.bias_slopes != arrays.bias_slopes;
  }
  if (wrong > 0)
    std::printf("dense wrong with %s: %ld rows, %ld inputs, %ld outputs\n", steps.name,
                long(shape.rows), long(shape.inputs), long(shape.outputs));
  return wrong;
}

int check_adam(int64_t count, const hangtag::Steps& steps, std::mt19937& random) {
  std::vector<float> weights = numbers(count, random), momentums = numbers(count, random),
                     velocities = numbers(count, random), slopes = numbers(count, random);
  for (float& velocity : velocities) velocity *= velocity;
  const hangtag::Adam rule = {0.1f, 0.001f, 0.01f, 1e-7f};
  std::vector<double> wanted;
  for (int64_t one = 0; one < count; ++one) {
    const double slope = slopes[one];
    const double momentum = momentums[one] + (slope - momentums[one]) * rule.first;
    const double velocity = velocities[one] + (slope * slope - velocities[one]) * rule.second;
    wanted.push_back(weights[one] - momentum * rule.rate / (std::sqrt(velocity) + rule.epsilon));
  }
  steps.adam(rule, weights.data(), momentums.data(), velocities.data(), slopes.data(), count);
  const int wrong = difference(weights, wanted) > 1e-6;
  if (wrong > 0) std::printf("adam wrong with %s: %ld weights\n", steps.name, long(count));
  return wrong;
}

int check_drop(int64_t count, const hangtag::Steps& steps, std::mt19937& random) {
  const std::vector<float> values = numbers(count, random);
  std::vector<float> dropped(values.size());
  hangtag::Dropping rule;
  rule.least = 1u << 31;
  rule.keep = 0.5f;
  steps.drop(rule, values.data(), dropped.data(), 7, count);
  int64_t kept = 0, wrong = 0;
  for (int64_t one = 0; one < count; ++one) {
    kept += dropped[one] != 0;
    wrong += dropped[one] != 0 && dropped[one] != 2 * values[one];
  }
  wrong += count >= 1000 && std::abs(kept - count / 2) > count / 10;
  if (wrong > 0) std::printf("dropout wrong with %s: %ld values\n", steps.name, long(count));
  return wrong > 0;
}

int check_normalization(int64_t rows, int64_t channels, const hangtag::Steps& steps,
                        std::mt19937& random) {
  const std::vector<float> values = numbers(rows * channels, random),
                           slopes = numbers(rows * channels, random),
                           gamma = numbers(channels, random), beta = numbers(channels, random);
  const bool relu = rows % 2 == 1;
  const auto run = [&](int threads, std::vector<float>& found) {
    Threads team(threads);
    std::vector<float> answers(values.size()), mean(channels), variance(channels);
    std::vector<float> value_slopes(values.size()), gamma_slopes(channels), beta_slopes(channels);
    const hangtag::NormalizationShape shape = {rows, channels, 0.01f, relu};
    hangtag::normalize({shape, values.data(), gamma.data(), beta.data(), answers.data(),
                        mean.data(), variance.data()},
                       steps, team);
    hangtag::normalize_back(
        {shape, values.data(), gamma.data(), beta.data(), mean.data(), variance.data(),
         slopes.data(), value_slopes.data(), gamma_slopes.data(), beta_slopes.data()},
        steps, team);
    found.clear();
    for (const auto* one : {&answers, &mean, &variance, &value_slopes, &gamma_slopes, &beta_slopes})
      found.insert(found.end(), one->begin(), one->end());
  };
  std::vector<float> found, again;
  run(2, found);
  // What the gradients of each kind are sums of: with two rows they come to nothing.
  double of_values = 0, of_slopes = 0;
  std::vector<double> answers, means, variances, value_slopes(values.size()), gammas, betas;
  answers.resize(values.size());
  for (int64_t channel = 0; channel < channels; ++channel) {
    double mean = 0, variance = 0, plain = 0, away = 0;
    const auto at = [&](int64_t row) { return row * channels + channel; };
    for (int64_t row = 0; row < rows; ++row) mean += values[at(row)] / double(rows);
    for (int64_t row = 0; row < rows; ++row)
      variance += (values[at(row)] - mean) * (values[at(row)] - mean) / double(rows);
    const double inverse = 1 / std::sqrt(variance + 0.01f);
    // Which side of zero an answer is on, rounding may decide.
    const auto slope = [&](int64_t row) {
      return relu && !(found[at(row)] > 0) ? 0.0 : double(slopes[at(row)]);
    };
    for (int64_t row = 0; row < rows; ++row) {
      const double scaled = (values[at(row)] - mean) * inverse;
      answers[at(row)] = scaled * gamma[channel] + beta[channel];
      plain += slope(row);
      away += slope(row) * scaled;
      of_values = std::max(of_values, std::abs(gamma[channel] * inverse * slopes[at(row)]));
      of_slopes = std::max(of_slopes, double(std::abs(slopes[at(row)])));
    }
    for (int64_t row = 0; row < rows; ++row) {
      const double scaled = (values[at(row)] - mean) * inverse;
      value_slopes[at(row)] = gamma[channel] * inverse *
                              (slope(row) - plain / double(rows) - scaled * away / double(rows));
    }
    means.push_back(mean);
    variances.push_back(variance);
    gammas.push_back(away);
    betas.push_back(plain);
  }
  if (relu)
    for (double& answer : answers) answer = std::max(answer, 0.0);
  int wrong = 0;
  size_t first = 0;
  for (const auto* one : {&answers, &means, &variances, &value_slopes, &gammas, &betas}) {
    const bool summed = one == &gammas || one == &betas;
    const double least = one == &value_slopes ? of_values
                         : one == &means      ? largest_of(values)
                         : summed             ? of_slopes
                                              : 1e-30;
    wrong += difference({found.begin() + first, found.begin() + first + one->size()}, *one, least) >
             kTolerance;
    first += one->size();
  }
  for (const int threads : {1, 5}) {
    run(threads, again);
    wrong += again != found;
  }
  if (wrong > 0)
    std::printf("normalization wrong with %s: %ld rows of %ld channels\n", steps.name, long(rows),
                long(channels));
  return wrong;
}

// The same bits with any number of threads, however the steps are cut.
int check_stack(const hangtag::Steps& steps, std::mt19937& random) {
  const auto from = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  const int64_t batch = from(1, 40), classes = from(2, 20), count = 6;
  std::vector<int64_t> sizes = {from(1, 4) == 1 ? from(300, 900) : from(1, 60)};
  for (int64_t layer = from(0, 2); layer > 0; --layer)
    sizes.push_back(from(1, 4) == 1 ? from(100, 300) : from(1, 60));
  sizes.push_back(classes);
  const int64_t images = batch * count;
  std::vector<uint8_t> pixels(static_cast<size_t>(images * sizes[0]));
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(from(0, 255));
  std::vector<int32_t> labels, order;
  for (int64_t one = 0; one < images; ++one) {
    labels.push_back(static_cast<int32_t>(from(0, classes - 1)));
    order.push_back(static_cast<int32_t>(from(0, batch - 1)));  // few, seen again and again
  }
  const std::vector<float> rates(count, 0.01f);
  std::vector<std::vector<float>> first;
  for (size_t layer = 0; layer + 1 < sizes.size(); ++layer)
    for (int kind = 0; kind < 3; ++kind)
      for (const int64_t size : {sizes[layer] * sizes[layer + 1], sizes[layer + 1]}) {
        first.push_back(numbers(size, random));
        for (float& number : first.back()) number *= kind == 0 ? 0.2f : 0.0f;
      }
  const std::vector<float> mean(static_cast<size_t>(sizes[0]), 0.3f), deviation(mean.size(), 0.5f);
  const auto train = [&](hangtag::Team& team, std::vector<int64_t> ends, float& loss) {
    auto held = first;
    hangtag::StackTraining training;
    training.batch = batch;
    for (size_t layer = 0; layer + 1 < sizes.size(); ++layer) {
      hangtag::StackLayer one;
      one.inputs = sizes[layer], one.outputs = sizes[layer + 1];
      one.relu = layer + 2 < sizes.size();
      for (size_t kind = 0; kind < 3; ++kind) {
        one.weights[kind] = held[6 * layer + 2 * kind].data();
        one.biases[kind] = held[6 * layer + 2 * kind + 1].data();
      }
      training.layers.push_back(one);
    }
    training.pixels = pixels.data(), training.labels = labels.data();
    training.order = order.data(), training.rates = rates.data();
    training.preparing = {1.0f / 255, mean.data(), deviation.data()};
    training.rule = {0.1f, 0.001f, 0, 1e-7f};
    training.least = 1e-7f;
    for (const int64_t end : ends) {
      training.first = training.last, training.last = end;
      hangtag::train_stack(training, steps, team);
    }
    loss = training.loss;
    return held;
  };
  Threads two(2);
  float loss = 0, other = 0;
  const auto wanted = train(two, {count}, loss);
  int wrong = !std::isfinite(loss);
  for (const int threads : {1, 3, 5}) {
    Threads others(threads);
    wrong += train(others, {1, 4, count}, other) != wanted || other != loss;
  }
  if (wrong > 0)
    std::printf("stack wrong with %s: batches of %ld, %ld layers of %ld inputs\n", steps.name,
                long(batch), long(sizes.size()) - 1, long(sizes[0]));
  return wrong;
}

// What is not a number is said, in its row alone; what is too small for full precision is zero.
int check_odd_numbers(const hangtag::Steps& steps) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), small = 1e-39f;
  const std::vector<float> rows = {1, nan, 1, small}, weights = {1, 2, small, 3};
  std::vector<int32_t> nearest(2);
  std::vector<float> first(2), second(2);
  const auto find = [&](const float* from, const float* with) {
    hangtag::two_nearest(
        {from, nullptr, 2, 1, with, 2, nearest.data(), first.data(), second.data()}, steps);
  };
  find(rows.data(), weights.data());
  int wrong = first[0] != 1 || second[0] != 2 || !std::isnan(first[1]) || !std::isnan(second[1]);
  find(rows.data() + 2, weights.data() + 2);
  wrong += first[0] != 0 || second[0] != 3 || first[1] != 0 || second[1] != 0;
  if (wrong > 0) std::printf("odd numbers wrong with %s\n", steps.name);
  return wrong;
}

int check_nearest(int64_t count, int64_t centres, const hangtag::Steps& steps,
                  std::mt19937& random) {
  const int64_t width = 13;
  const std::vector<float> rows = numbers(count * width, random),
                           weights = numbers(centres * width, random);
  std::vector<int64_t> places;
  for (int64_t one = 0; one < count; ++one) places.push_back(count - 1 - one);
  int wrong = 0;
  for (const bool some : {false, true}) {
    std::vector<int32_t> nearest(static_cast<size_t>(count));
    std::vector<float> first(nearest.size()), second(nearest.size());
    hangtag::two_nearest({rows.data(), some ? places.data() : nullptr, count, width, weights.data(),
                          centres, nearest.data(), first.data(), second.data()},
                         steps);
    for (int64_t point = 0; point < count; ++point) {
      const float* row = rows.data() + (some ? places[point] : point) * width;
      double least = std::numeric_limits<double>::infinity(), own = 0;
      for (int64_t centre = 0; centre < centres; ++centre) {
        double product = 0;
        for (int64_t one = 0; one < width; ++one)
          product += double(row[one]) * weights[centre * width + one];
        least = std::min(least, product);
        if (centre == nearest[point]) own = product;
      }
      wrong += std::abs(own - least) > 1e-4 || std::abs(first[point] - least) > 1e-4 ||
               second[point] < first[point];
    }
  }
  if (wrong > 0)
    std::printf("nearest wrong with %s: %ld points, %ld centres\n", steps.name, long(count),
                long(centres));
  return wrong;
}

}  // namespace

int main(int count, char** words) {
  const int cases = count > 1 ? std::atoi(words[1]) : 200;
  int wrong = check_teams();
  for (const char* name : {"avx512", "avx2", "generic"}) {
    const hangtag::Steps* steps = hangtag::steps_named(name);
    if (steps == nullptr) continue;
    std::mt19937 random(0);
    for (int one = 0; one < cases; ++one)
      wrong += check_convolution(random_case(random), *steps, random);
    for (int one = 0; one < (cases + 3) / 4; ++one) {
      wrong += check_convolution(tiled_case(random), *steps, random);
      wrong += check_poison(tiled_case(random), *steps, random);
      wrong += check_convolution(grey_case(random), *steps, random);
    }
    for (const int64_t window : {1, 2, 3})
      for (const int64_t channels : {1, 3, 4, 15, 16, 33})
        wrong += check_pooling(window, channels, *steps, random);
    for (int one = 0; one < cases; ++one) wrong += check_dense(*steps, random);
    for (int one = 0; one < cases; ++one) wrong += check_stack(*steps, random);
    wrong += check_odd_numbers(*steps);
    for (const int64_t points : {1, 47, 48, 49, 200})
      for (const int64_t centres : {1, 2, 16, 33})
        wrong += check_nearest(points, centres, *steps, random);
    for (const int64_t rows : {2, 7, 600, 2001})
      for (const int64_t channels : {1, 5, 17, 64, 83})
        wrong += check_normalization(rows, channels, *steps, random);
    for (const int64_t numbers : {1, 3, 4, 15, 16, 33, 1000})
      wrong += check_adam(numbers, *steps, random) + check_drop(numbers, *steps, random);
    std::printf("%s: %d shapes, %d wrong\n", name, cases, wrong);
  }
  return wrong > 0;
}
