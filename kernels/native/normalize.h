// Batch normalization of rows of channels, a part of the rows at a time: moments of each channel,
// values moved and scaled, and the way back. Four groups of channels side by side, so that a row is
// read in long runs.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

constexpr int kSideBySide = 4;

// Where `Groups` groups of channels begin in a row.
template <int Lanes, int Groups>
struct Starts {
  int64_t at[Groups];
  Starts(int64_t first_group, int64_t channels) {
    for (int group = 0; group < Groups; ++group)
      at[group] = group_start(first_group + group, channels, Lanes);
  }
};

// The mean of every channel, and the sum of squares around it.
template <int Lanes>
inline void moments_with(const Normalizing& task, float* mean, float* squares) {
  using Floats = typename Group<Lanes>::Floats;
  for_groups<Lanes, kSideBySide>(task.channels, [&](auto count, int64_t first) {
    constexpr int groups = decltype(count)::value;
    const Starts<Lanes, groups> starts(first, task.channels);
    Floats means[groups] = {};
    for (int64_t row = 0; row < task.rows; ++row)
#pragma GCC unroll 4
      for (int group = 0; group < groups; ++group)
        means[group] += load<Floats>(task.values + row * task.channels + starts.at[group]);
    for (int group = 0; group < groups; ++group) means[group] /= static_cast<float>(task.rows);
    Floats sums[groups] = {};
    for (int64_t row = 0; row < task.rows; ++row)
#pragma GCC unroll 4
      for (int group = 0; group < groups; ++group) {
        const Floats away =
            load<Floats>(task.values + row * task.channels + starts.at[group]) - means[group];
        sums[group] += away * away;
      }
    for (int group = 0; group < groups; ++group) {
      store(mean + starts.at[group], means[group]);
      store(squares + starts.at[group], sums[group]);
    }
  });
}

inline void moments(const Normalizing& task, float* mean, float* squares) {
  with_lanes(lanes_for(task.channels, kLanes),
             [&](auto lanes) { moments_with<lanes.value>(task, mean, squares); });
}

template <int Lanes>
inline void scale_rows_with(const Normalizing& task, float* to) {
  using Floats = typename Group<Lanes>::Floats;
  for_groups<Lanes, kSideBySide>(task.channels, [&](auto count, int64_t first) {
    constexpr int groups = decltype(count)::value;
    const Starts<Lanes, groups> starts(first, task.channels);
    Floats scale[groups], shift[groups];
    for (int group = 0; group < groups; ++group) {
      scale[group] = load<Floats>(task.scale + starts.at[group]);
      shift[group] = load<Floats>(task.shift + starts.at[group]);
    }
    for (int64_t row = 0; row < task.rows; ++row)
#pragma GCC unroll 4
      for (int group = 0; group < groups; ++group) {
        const int64_t at = row * task.channels + starts.at[group];
        const Floats value = load<Floats>(task.values + at) * scale[group] + shift[group];
        store(to + at, task.relu ? positive_part(value) : value);
      }
  });
}

inline void scale_rows(const Normalizing& task, float* to) {
  with_lanes(lanes_for(task.channels, kLanes),
             [&](auto lanes) { scale_rows_with<lanes.value>(task, to); });
}

// Slopes of what was rectified: none where the answer was not above zero.
template <class Floats>
inline Floats let_through(bool relu, Floats slope, Floats answer) {
  if (!relu) return slope;
  return (answer > Floats{}) ? slope : Floats{};
}

// The sum of every channel's slopes, and of their products with how far values are from the mean.
template <int Lanes>
inline void slope_sums_with(const Normalizing& task, float* plain, float* away) {
  using Floats = typename Group<Lanes>::Floats;
  for_groups<Lanes, kSideBySide>(task.channels, [&](auto count, int64_t first) {
    constexpr int groups = decltype(count)::value;
    const Starts<Lanes, groups> starts(first, task.channels);
    Floats scale[groups], shift[groups], mean[groups];
    Floats sums[groups] = {}, products[groups] = {};
    for (int group = 0; group < groups; ++group) {
      scale[group] = load<Floats>(task.scale + starts.at[group]);
      shift[group] = load<Floats>(task.shift + starts.at[group]);
      mean[group] = load<Floats>(task.mean + starts.at[group]);
    }
    for (int64_t row = 0; row < task.rows; ++row)
#pragma GCC unroll 4
      for (int group = 0; group < groups; ++group) {
        const int64_t at = row * task.channels + starts.at[group];
        const Floats value = load<Floats>(task.values + at);
        const Floats slope = let_through(task.relu, load<Floats>(task.slopes + at),
                                         value * scale[group] + shift[group]);
        sums[group] += slope;
        products[group] += slope * (value - mean[group]);
      }
    for (int group = 0; group < groups; ++group) {
      store(plain + starts.at[group], sums[group]);
      store(away + starts.at[group], products[group]);
    }
  });
}

inline void slope_sums(const Normalizing& task, float* plain, float* away) {
  with_lanes(lanes_for(task.channels, kLanes),
             [&](auto lanes) { slope_sums_with<lanes.value>(task, plain, away); });
}

// Slopes of the values: the answers' slopes scaled, less what moved with the moments.
template <int Lanes>
inline void scale_slopes_with(const Normalizing& task, float* to) {
  using Floats = typename Group<Lanes>::Floats;
  for_groups<Lanes, kSideBySide>(task.channels, [&](auto count, int64_t first) {
    constexpr int groups = decltype(count)::value;
    const Starts<Lanes, groups> starts(first, task.channels);
    Floats scale[groups], shift[groups], by_value[groups], constant[groups];
    for (int group = 0; group < groups; ++group) {
      scale[group] = load<Floats>(task.scale + starts.at[group]);
      shift[group] = load<Floats>(task.shift + starts.at[group]);
      by_value[group] = load<Floats>(task.by_value + starts.at[group]);
      constant[group] = load<Floats>(task.constant + starts.at[group]);
    }
    for (int64_t row = 0; row < task.rows; ++row)
#pragma GCC unroll 4
      for (int group = 0; group < groups; ++group) {
        const int64_t at = row * task.channels + starts.at[group];
        const Floats value = load<Floats>(task.values + at);
        const Floats slope = let_through(task.relu, load<Floats>(task.slopes + at),
                                         value * scale[group] + shift[group]);
        store(to + at, slope * scale[group] + (value * by_value[group] + constant[group]));
      }
  });
}

inline void scale_slopes(const Normalizing& task, float* to) {
  with_lanes(lanes_for(task.channels, kLanes),
             [&](auto lanes) { scale_slopes_with<lanes.value>(task, to); });
}

}  // namespace hangtag::HANGTAG_ISA
