// Batch normalization; see normalization.h. Parts of the rows are as long as shapes say, and what
// they sum up is added in their order, so the result does not depend on the threads.
#include "normalization.h"

#include <algorithm>
#include <cmath>

#include "memory.h"

namespace hangtag {

namespace {

// Values of a part: they are read twice, and stay in a core's second-level cache meanwhile.
constexpr int64_t kValuesOfPart = 32 * 1024;

// Rows of a part: a sum of more in single precision would lose digits, which sums of parts keep.
constexpr int64_t kRowsOfPart = 1024;

struct Cut {
  int64_t rows = 0;  // of a part
  int64_t parts = 0;

  explicit Cut(const NormalizationShape& shape)
      : rows(std::clamp<int64_t>(kValuesOfPart / shape.channels, 1,
                                 std::min(shape.rows, kRowsOfPart))),
        parts((shape.rows + rows - 1) / rows) {}
};

// Working memory of a call: numbers for every channel, and three for every channel of every part.
struct Room {
  int64_t line;
  float* scale;
  float* shift;
  float* by_value;
  float* constant;
  float* sums;

  Room(const NormalizationShape& shape, const Cut& cut) : line(whole_lines(shape.channels)) {
    float* memory = call_memory().floats((4 + 3 * cut.parts) * line);
    scale = memory;
    shift = scale + line;
    by_value = shift + line;
    constant = by_value + line;
    sums = constant + line;
  }
  float* first_sum(int64_t part) const { return sums + 3 * part * line; }
  float* second_sum(int64_t part) const { return first_sum(part) + line; }
  float* third_sum(int64_t part) const { return second_sum(part) + line; }
};

// Values of a part of the rows, and what is done to them.
template <class Call>
Normalizing part_of(const Call& call, const Room& room, const Cut& cut, int64_t part) {
  Normalizing task;
  const int64_t first = part * cut.rows;
  task.rows = std::min(cut.rows, call.shape.rows - first);
  task.channels = call.shape.channels;
  task.values = call.values + first * task.channels;
  task.scale = room.scale;
  task.shift = room.shift;
  task.relu = call.shape.relu;
  return task;
}

template <class Call>
void find_scales(const Call& call, const Room& room) {
  for (int64_t channel = 0; channel < call.shape.channels; ++channel) {
    const float inverse = 1.0f / std::sqrt(call.variance[channel] + call.shape.epsilon);
    room.scale[channel] = call.gamma[channel] * inverse;
    room.shift[channel] = call.beta[channel] - call.mean[channel] * room.scale[channel];
  }
}

// Mean and variance of all rows from those of the parts. The mean of a part was found in single
// precision and misses a little, the more the further values are from zero. What the values around
// it sum up to says how much, and corrects the mean and the squares around it (Chan, Golub and
// LeVeque, Algorithms for Computing the Sample Variance, 1983).
void join_moments(const Normalization& call, const Room& room, const Cut& cut) {
  const double rows = static_cast<double>(call.shape.rows);
  const auto rows_of = [&](int64_t part) {
    return static_cast<double>(std::min(cut.rows, call.shape.rows - part * cut.rows));
  };
  for (int64_t channel = 0; channel < call.shape.channels; ++channel) {
    // Around an infinite mean nothing is known, and the mean needs no correction.
    const auto rest_of = [&](int64_t part) {
      const double rest = room.third_sum(part)[channel];
      return std::isfinite(rest) ? rest : 0.0;
    };
    const auto mean_of = [&](int64_t part) {
      return room.first_sum(part)[channel] + rest_of(part) / rows_of(part);
    };
    double mean = 0, squares = 0;
    for (int64_t part = 0; part < cut.parts; ++part) mean += mean_of(part) * rows_of(part);
    mean /= rows;
    for (int64_t part = 0; part < cut.parts; ++part) {
      const double rest = rest_of(part), away = mean_of(part) - mean;
      squares += room.second_sum(part)[channel] - rest * rest / rows_of(part);
      squares += away * away * rows_of(part);
    }
    call.mean[channel] = static_cast<float>(mean);
    // Not below zero by rounding; a NaN stays one.
    call.variance[channel] = static_cast<float>(squares < 0 ? 0 : squares / rows);
  }
}

}  // namespace

void normalize(const Normalization& call, const Steps& steps, Team& team) {
  if (call.shape.channels == 0) return;
  if (call.shape.rows == 0) {
    std::fill_n(call.mean, call.shape.channels, std::nanf(""));
    std::fill_n(call.variance, call.shape.channels, std::nanf(""));
    return;
  }
  team.interrupts.listen(10.0 * static_cast<double>(call.shape.rows) * call.shape.channels);
  const Cut cut(call.shape);
  const Room room(call.shape, cut);
  share(team, cut.parts, [&](int64_t part) {
    steps.moments(part_of(call, room, cut, part), room.first_sum(part), room.second_sum(part),
                  room.third_sum(part));
  });
  join_moments(call, room, cut);
  find_scales(call, room);
  share(team, cut.parts, [&](int64_t part) {
    const Normalizing task = part_of(call, room, cut, part);
    steps.scale_rows(task, call.answers + (task.values - call.values));
  });
}

void normalize_back(const NormalizationBack& call, const Steps& steps, Team& team) {
  const NormalizationShape& shape = call.shape;
  if (shape.channels == 0) return;
  if (shape.rows == 0) {
    std::fill_n(call.gamma_slopes, shape.channels, 0.0f);
    std::fill_n(call.beta_slopes, shape.channels, 0.0f);
    return;
  }
  team.interrupts.listen(10.0 * static_cast<double>(shape.rows) * shape.channels);
  const Cut cut(shape);
  const Room room(shape, cut);
  find_scales(call, room);
  const auto task_of = [&](int64_t part) {
    Normalizing task = part_of(call, room, cut, part);
    task.slopes = call.slopes + (task.values - call.values);
    task.mean = call.mean;
    task.by_value = room.by_value;
    task.constant = room.constant;
    return task;
  };
  share(team, cut.parts, [&](int64_t part) {
    steps.slope_sums(task_of(part), room.first_sum(part), room.second_sum(part));
  });
  for (int64_t channel = 0; channel < shape.channels; ++channel) {
    double plain = 0, away = 0;
    for (int64_t part = 0; part < cut.parts; ++part) {
      plain += room.first_sum(part)[channel];
      away += room.second_sum(part)[channel];
    }
    const double rows = static_cast<double>(shape.rows);
    const double inverse =
        1 / std::sqrt(static_cast<double>(call.variance[channel]) + shape.epsilon);
    const double by_value = -room.scale[channel] * inverse * inverse * away / rows;
    room.by_value[channel] = static_cast<float>(by_value);
    room.constant[channel] =
        static_cast<float>(-room.scale[channel] * plain / rows - call.mean[channel] * by_value);
    call.gamma_slopes[channel] = static_cast<float>(away * inverse);
    call.beta_slopes[channel] = static_cast<float>(plain);
  }
  share(team, cut.parts, [&](int64_t part) {
    const Normalizing task = task_of(part);
    steps.scale_slopes(task, call.value_slopes + (task.values - call.values));
  });
}

}  // namespace hangtag
