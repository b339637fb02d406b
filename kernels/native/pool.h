// Max-pooling of one image and its gradient: values in, the largest of every window out, with the
// route to it; and slopes along those routes back. A ReLU may stand between, on the pooled values,
// as the largest of positive parts is the positive part of the largest.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

template <int Lanes>
struct Best {
  typename Group<Lanes>::Floats value;
  typename Group<Lanes>::Integers route;
};

template <class Floats>
inline Floats larger(Floats one, Floats other) {
  return (one > other) ? one : other;
}

// Of any window. The first of equals wins, and the first that is not a number wins over all.
template <int Lanes>
inline Best<Lanes> best_of_any(const Pooling& task, const float* window) {
  using Floats = typename Group<Lanes>::Floats;
  Best<Lanes> best = {load<Floats>(window), {}};
  int32_t route = 0;
  for (int64_t row = 0; row < task.window_rows; ++row)
    for (int64_t column = 0; column < task.window_columns; ++column, ++route) {
      const auto value = load<Floats>(window + row * task.input_row + column * task.channels);
      const auto better = (value > best.value) | ((value != value) & (best.value == best.value));
      best.value = better ? value : best.value;
      best.route = better ? best.route * 0 + route : best.route;
    }
  return best;
}

// Of four numbers. Adds them to `sum`, which is not a number afterwards if one of them is not.
template <int Lanes, class Floats>
inline Best<Lanes> best_of(Floats first, Floats second, Floats third, Floats fourth, Floats& sum) {
  using Integers = typename Group<Lanes>::Integers;
  sum += (first + second) + (third + fourth);
  const auto best = larger(larger(first, second), larger(third, fourth));
  Integers route = (third == best) ? Integers{} + 2 : Integers{} + 3;
  route = (second == best) ? Integers{} + 1 : route;
  route = (first == best) ? Integers{} : route;
  return {best, route};
}

template <int Lanes>
inline Best<Lanes> best_of_four(const Pooling& task, const float* window,
                                typename Group<Lanes>::Floats& sum) {
  using Floats = typename Group<Lanes>::Floats;
  const float* below = window + task.input_row;
  return best_of<Lanes>(load<Floats>(window), load<Floats>(window + task.channels),
                        load<Floats>(below), load<Floats>(below + task.channels), sum);
}

// Whether a sum of numbers is one.
template <class Floats>
inline bool all_numbers(Floats sum) {
  bool numbers = true;
  for (unsigned lane = 0; lane < sizeof sum / sizeof sum[0]; ++lane)
    numbers = numbers && sum[lane] == sum[lane];
  return numbers;
}

template <int Lanes>
inline void finish(const Pooling& task, const Best<Lanes>& best, int64_t to) {
  using Floats = typename Group<Lanes>::Floats;
  using Integers = typename Group<Lanes>::Integers;
  if (task.routes != nullptr) {
    const Integers closed = Integers{} + kNoRoute;
    const auto open = (best.value > Floats{}) ? best.route : closed;
    store_bytes<Lanes>(task.routes + to, task.relu ? open : best.route);
  }
  store(task.output + to, task.relu ? positive_part(best.value) : best.value);
}

// Pools with `best_of(window)`, for each group of channels of each window.
template <int Lanes, class BestOf>
inline void pool_windows(const Pooling& task, BestOf best_of) {
  const int64_t groups = group_count(task.channels, Lanes);
  for (int64_t row = 0; row < task.height; ++row)
    for (int64_t column = 0; column < task.width; ++column) {
      const float* window = task.input + row * task.window_rows * task.input_row +
                            column * task.window_columns * task.channels;
      const int64_t to = (row * task.width + column) * task.channels;
      for (int64_t group = 0; group < groups; ++group) {
        const int64_t start = group_start(group, task.channels, Lanes);
        finish<Lanes>(task, best_of(window + start), to + start);
      }
    }
}

// Almost all windows are 2 × 2 and hold numbers; if this image's did not, it is done again.
template <int Lanes>
inline void pool_with(const Pooling& task) {
  if (task.window_rows == 2 && task.window_columns == 2) {
    typename Group<Lanes>::Floats sum = {};
    pool_windows<Lanes>(
        task, [&](const float* window) { return best_of_four<Lanes>(task, window, sum); });
    if (all_numbers(sum)) return;
  }
  pool_windows<Lanes>(task, [&](const float* window) { return best_of_any<Lanes>(task, window); });
}

inline void pool(const Pooling& task) {
  const int lanes = lanes_for(task.channels, kLanes);
  with_lanes(lanes, [&](auto constant) { pool_with<constant.value>(task); });
}

template <int Lanes>
inline void unpool_window(const Pooling& task, int64_t rows, int64_t columns,
                          typename Group<Lanes>::Floats slope,
                          typename Group<Lanes>::Integers route, float* window) {
  using Floats = typename Group<Lanes>::Floats;
  int32_t here = 0;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column, ++here)
      store(window + row * task.input_row + column * task.channels,
            (route == here) ? slope : Floats{});
}

template <int Lanes>
inline void unpool_with(const Pooling& task, const float* slopes, float* spread) {
  using Floats = typename Group<Lanes>::Floats;
  const bool four = task.window_rows == 2 && task.window_columns == 2;
  const int64_t groups = group_count(task.channels, Lanes);
  for (int64_t row = 0; row < task.height; ++row)
    for (int64_t column = 0; column < task.width; ++column) {
      float* window = spread + row * task.window_rows * task.input_row +
                      column * task.window_columns * task.channels;
      const int64_t from = (row * task.width + column) * task.channels;
      for (int64_t group = 0; group < groups; ++group) {
        const int64_t start = group_start(group, task.channels, Lanes);
        const auto slope = load<Floats>(slopes + from + start);
        const auto route = load_bytes<Lanes>(task.from_routes + from + start);
        if (four)  // constants, so that the compiler unrolls
          unpool_window<Lanes>(task, 2, 2, slope, route, window + start);
        else
          unpool_window<Lanes>(task, task.window_rows, task.window_columns, slope, route,
                               window + start);
      }
    }
}

inline void unpool(const Pooling& task, const float* slopes, float* spread) {
  const int lanes = lanes_for(task.channels, kLanes);
  with_lanes(lanes, [&](auto constant) { unpool_with<constant.value>(task, slopes, spread); });
}

template <int Lanes>
inline void unrectify_with(const float* slopes, const uint8_t* routes, float* spread,
                           int64_t count) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t groups = group_count(count, Lanes);
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t at = group_start(group, count, Lanes);
    const auto route = load_bytes<Lanes>(routes + at);
    store(spread + at, (route == 0) ? load<Floats>(slopes + at) : Floats{});
  }
}

inline void unrectify(const float* slopes, const uint8_t* routes, float* spread, int64_t count) {
  if (count == 0) return;
  with_lanes(lanes_for(count, kLanes),
             [&](auto constant) { unrectify_with<constant.value>(slopes, routes, spread, count); });
}

}  // namespace hangtag::HANGTAG_ISA
