// The gradient of weights: inputs and slopes of many places in, their products summed over the
// places out. A block of input values × two groups of filters stays in registers over all places
// of all images given.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

// 14 × 2 sums, 2 groups of slopes and a broadcast fill 31 of 32 registers; 6 × 2 fill 15 of 16.
constexpr int kValues = kRegisters == 32 ? 14 : 6;
// Scattered values need an address each, and there are 15 general registers.
constexpr int kScattered = kRegisters == 32 ? 9 : 5;
// Rows shorter than a full group are rare; few block sizes keep the library small.
constexpr int kNarrow = 4;

template <int Lanes, int Values, int Groups, bool Scattered>
inline void correlate_block(const Correlation& task, int64_t value, int64_t first_group) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t start = group_start(first_group, task.filters, Lanes);
  const int64_t second = group_start(first_group + 1, task.filters, Lanes) - start;
  Floats sums[Values][Groups] = {};
  for (int64_t image = 0; image < task.images; ++image)
    for (int64_t row = 0; row < task.rows; ++row) {
      const float* slopes = task.slopes + image * task.slopes_image + row * task.slopes_row + start;
      const float* input = task.input + image * task.input_image + row * task.input_row;
      const float* values[Scattered ? Values : 1];
      if constexpr (Scattered) {
#pragma GCC unroll 16
        for (int one = 0; one < Values; ++one) values[one] = input + task.offsets[value + one];
      } else {
        values[0] = input + value;
      }
      int64_t at = 0;
      for (int64_t column = 0; column < task.columns; ++column) {
        Floats slope[Groups];
#pragma GCC unroll 2
        for (int group = 0; group < Groups; ++group)
          slope[group] = load<Floats>(slopes + group * second);
#pragma GCC unroll 16
        for (int one = 0; one < Values; ++one)
#pragma GCC unroll 2
          for (int group = 0; group < Groups; ++group)
            sums[one][group] += slope[group] * (Scattered ? values[one][at] : values[0][at + one]);
        slopes += task.filters;
        at += task.input_column;
      }
    }
  const int64_t stride = padded(task.filters, Lanes);
#pragma GCC unroll 16
  for (int one = 0; one < Values; ++one)
#pragma GCC unroll 2
    for (int group = 0; group < Groups; ++group) {
      float* to = task.result + (value + one) * stride + (first_group + group) * Lanes;
      store(to, task.add ? load<Floats>(to) + sums[one][group] : sums[one][group]);
    }
}

// The block of exactly `count` values, at most `Values`.
template <int Lanes, int Values, int Groups, bool Scattered>
inline void correlate_values(const Correlation& task, int64_t value, int count, int64_t group) {
  if constexpr (Values > 1)
    if (count < Values)
      return correlate_values<Lanes, Values - 1, Groups, Scattered>(task, value, count, group);
  correlate_block<Lanes, Values, Groups, Scattered>(task, value, group);
}

// Cuts the values into as few blocks as fit, all of nearly the same size.
template <int Lanes, int Groups, bool Scattered>
inline void correlate_panel(const Correlation& task, int64_t group) {
  constexpr int widest = Lanes < kLanes ? kNarrow : Scattered ? kScattered : kValues;
  const int64_t blocks = (task.values + widest - 1) / widest;
  for (int64_t block = 0; block < blocks; ++block) {
    const int64_t first = task.values * block / blocks;
    const int64_t last = task.values * (block + 1) / blocks;
    correlate_values<Lanes, widest, Groups, Scattered>(task, first, static_cast<int>(last - first),
                                                       group);
  }
}

template <int Lanes, bool Scattered>
inline void correlate_with(const Correlation& task) {
  const int64_t groups = group_count(task.filters, Lanes);
  for (int64_t group = 0; group + 1 < groups; group += 2)
    correlate_panel<Lanes, 2, Scattered>(task, group);
  if (groups % 2 == 1) correlate_panel<Lanes, 1, Scattered>(task, groups - 1);
}

inline void correlate(const Correlation& task) {
  with_lanes(task.lanes, [&](auto lanes) {
    if (task.offsets != nullptr)
      correlate_with<lanes.value, true>(task);
    else
      correlate_with<lanes.value, false>(task);
  });
}

// Four sums side by side hide the latency of an addition; always the same four, so that the order
// of additions depends on nothing but the shape.
template <int Lanes>
inline void add_places_with(const Correlation& task) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t groups = group_count(task.filters, Lanes);
  for (int64_t group = 0; group < groups; ++group) {
    Floats sums[4] = {};
    const int64_t start = group_start(group, task.filters, Lanes);
    for (int64_t image = 0; image < task.images; ++image)
      for (int64_t row = 0; row < task.rows; ++row) {
        const float* from = task.slopes + image * task.slopes_image + row * task.slopes_row + start;
        int64_t column = 0;
        for (; column + 4 <= task.columns; column += 4)
#pragma GCC unroll 4
          for (int one = 0; one < 4; ++one)
            sums[one] += load<Floats>(from + (column + one) * task.filters);
        for (; column < task.columns; ++column)
          sums[0] += load<Floats>(from + column * task.filters);
      }
    float* to = task.result + group * Lanes;
    const Floats sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    store(to, task.add ? load<Floats>(to) + sum : sum);
  }
}

inline void add_places(const Correlation& task) {
  with_lanes(task.lanes, [&](auto lanes) { add_places_with<lanes.value>(task); });
}

template <int Lanes>
inline void add_parts_with(const Parts& task, int64_t first_row, int64_t last_row) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t groups = group_count(task.filters, Lanes);
  const int64_t width = padded(task.filters, Lanes);
  for (int64_t row = first_row; row < last_row; ++row)
    for (int64_t group = 0; group < groups; ++group) {
      const float* from = task.parts + row * width + group * Lanes;
      Floats sum = load<Floats>(from);
      for (int64_t part = 1; part < task.count; ++part)
        sum += load<Floats>(from + part * task.stride);
      store(task.total + row * task.filters + group_start(group, task.filters, Lanes), sum);
    }
}

inline void add_parts(const Parts& task, int64_t first_row, int64_t last_row) {
  with_lanes(task.lanes,
             [&](auto lanes) { add_parts_with<lanes.value>(task, first_row, last_row); });
}

}  // namespace hangtag::HANGTAG_ISA
