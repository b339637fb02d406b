// Batch normalization of rows of channels, a part of the rows at a time: moments of each channel,
// values moved and scaled, and the way back. Four groups of channels side by side, so that a row is
// read in long runs.
#pragma once

#include <type_traits>

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

constexpr int kSideBySide = 4;

// Rows that are summed up before their sum is added to those before, with what that addition loses
// kept: the fewer numbers a sum in single precision has, the less it loses.
constexpr int64_t kRowsOfSum = 8;

// Adds to a sum, and what rounding took from it to `lost` (Knuth, The Art of Computer Programming,
// volume 2, 4.2.2).
template <class Floats>
inline void add_whole(Floats& sum, Floats& lost, Floats more) {
  const Floats before = sum;
  sum += more;
  const Floats added = sum - before;
  lost += (before - (sum - added)) + (more - added);
}

// What was lost is not a number where the sum is infinite.
template <class Floats>
inline Floats with_lost(Floats sum, Floats lost) {
  return sum + ((lost == lost) ? lost : Floats{});
}

// Some groups of channels, side by side.
template <int Lanes, int Groups>
struct Columns {
  using Floats = typename Group<Lanes>::Floats;
  struct Each {
    Floats of[Groups];
  };

  int64_t channels;
  int64_t at[Groups];

  Columns(int64_t first_group, int64_t channels) : channels(channels) {
    for (int group = 0; group < Groups; ++group)
      at[group] = group_start(first_group + group, channels, Lanes);
  }

  // A number for every channel.
  Each read(const float* from) const {
    Each found;
    for (int group = 0; group < Groups; ++group) found.of[group] = load<Floats>(from + at[group]);
    return found;
  }

  void write(float* to, const Each& numbers) const {
    for (int group = 0; group < Groups; ++group) store(to + at[group], numbers.of[group]);
  }

  // Calls `body(group, place)` for the place of every group in every row from `first` to `rows`.
  template <class Body>
  void walk(int64_t rows, Body body, int64_t first = 0) const {
    for (int64_t row = first; row < rows; ++row)
#pragma GCC unroll 4
      for (int group = 0; group < Groups; ++group) body(group, row * channels + at[group]);
  }

  // What `add(sums, more, group, place)` sums up over all rows, a few of them at a time.
  template <class Add>
  void sum(int64_t rows, Each& sums, Each& more, Add add) const {
    Each lost = {}, lost_more = {};
    for (int64_t first = 0; first < rows; first += kRowsOfSum) {
      Each some = {}, others = {};
      const int64_t last = first + kRowsOfSum < rows ? first + kRowsOfSum : rows;
      walk(last, [&](int group, int64_t at) { add(some, others, group, at); }, first);
      for (int group = 0; group < Groups; ++group) {
        add_whole(sums.of[group], lost.of[group], some.of[group]);
        add_whole(more.of[group], lost_more.of[group], others.of[group]);
      }
    }
    for (int group = 0; group < Groups; ++group) {
      sums.of[group] = with_lost(sums.of[group], lost.of[group]);
      more.of[group] = with_lost(more.of[group], lost_more.of[group]);
    }
  }
};

// Calls `body(columns)` for all channels of a task.
template <class Body>
inline void for_columns(const Normalizing& task, Body body) {
  with_lanes(lanes_for(task.channels, kLanes), [&](auto lanes) {
    for_groups<lanes.value, kSideBySide>(task.channels, [&](auto count, int64_t first) {
      body(Columns<decltype(lanes)::value, decltype(count)::value>(first, task.channels));
    });
  });
}

// The mean of every channel as single precision finds it, the sum of squares around it, and what
// the values around it sum up to, which would be nothing were the mean exact.
inline void moments(const Normalizing& task, float* mean, float* squares, float* rest) {
  for_columns(task, [&](const auto columns) {
    using Columns = std::decay_t<decltype(columns)>;
    using Floats = typename Columns::Floats;
    typename Columns::Each means = {}, sums = {}, rests = {};
    columns.walk(task.rows,
                 [&](int group, int64_t at) { means.of[group] += load<Floats>(task.values + at); });
    for (Floats& one : means.of) one /= static_cast<float>(task.rows);
    columns.sum(task.rows, sums, rests, [&](auto& squared, auto& plain, int group, int64_t at) {
      const Floats away = load<Floats>(task.values + at) - means.of[group];
      squared.of[group] += away * away;
      plain.of[group] += away;
    });
    columns.write(mean, means);
    columns.write(squares, sums);
    columns.write(rest, rests);
  });
}

inline void scale_rows(const Normalizing& task, float* to) {
  for_columns(task, [&](const auto columns) {
    using Floats = typename std::decay_t<decltype(columns)>::Floats;
    const auto scale = columns.read(task.scale), shift = columns.read(task.shift);
    columns.walk(task.rows, [&](int group, int64_t at) {
      const Floats value = load<Floats>(task.values + at) * scale.of[group] + shift.of[group];
      store(to + at, task.relu ? positive_part(value) : value);
    });
  });
}

// The slope of a value's answer, before the scale: none where the answer was rectified away.
template <class Floats>
inline Floats slope_of(const Normalizing& task, int64_t at, Floats answer) {
  const Floats slope = load<Floats>(task.slopes + at);
  if (!task.relu) return slope;
  return (answer > Floats{}) ? slope : Floats{};
}

// The sum of every channel's slopes, and of their products with how far values are from the mean.
inline void slope_sums(const Normalizing& task, float* plain, float* away) {
  for_columns(task, [&](const auto columns) {
    using Columns = std::decay_t<decltype(columns)>;
    using Floats = typename Columns::Floats;
    const auto scale = columns.read(task.scale), shift = columns.read(task.shift);
    const auto mean = columns.read(task.mean);
    typename Columns::Each sums = {}, products = {};
    columns.sum(task.rows, sums, products, [&](auto& plain, auto& by_away, int group, int64_t at) {
      const Floats value = load<Floats>(task.values + at);
      const Floats slope = slope_of(task, at, value * scale.of[group] + shift.of[group]);
      plain.of[group] += slope;
      by_away.of[group] += slope * (value - mean.of[group]);
    });
    columns.write(plain, sums);
    columns.write(away, products);
  });
}

// Slopes of the values: the answers' slopes scaled, less what moved with the moments.
inline void scale_slopes(const Normalizing& task, float* to) {
  for_columns(task, [&](const auto columns) {
    using Floats = typename std::decay_t<decltype(columns)>::Floats;
    const auto scale = columns.read(task.scale), shift = columns.read(task.shift);
    const auto by_value = columns.read(task.by_value), constant = columns.read(task.constant);
    columns.walk(task.rows, [&](int group, int64_t at) {
      const Floats value = load<Floats>(task.values + at);
      const Floats slope = slope_of(task, at, value * scale.of[group] + shift.of[group]);
      store(to + at, slope * scale.of[group] + (value * by_value.of[group] + constant.of[group]));
    });
  });
}

}  // namespace hangtag::HANGTAG_ISA
