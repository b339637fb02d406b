// Matrix product of gathered windows and packed weights: places in, one row of filters for each
// out. A block of places × two groups of filters is held in registers while its windows are walked
// once; every value is read in place, so nothing is copied into patches first.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

// 12 × 2 sums, 2 groups of weights and a broadcast fill 27 of 32 registers, and 12 addresses still
// fit into the general ones; 6 × 2 sums fill 15 of 16.
constexpr int kPlaces = kRegisters == 32 ? 12 : 6;

struct Block {
  const float* windows[kPlaces];
  float* outputs[kPlaces];
  int64_t routes[kPlaces];
  int count = 0;
};

template <int Lanes, int Places, int Groups>
inline void multiply_block(const Multiplication& task, const Block& block, const float* weights,
                           const float* bias, int64_t second) {
  using Floats = typename Group<Lanes>::Floats;
  Floats sums[Places][Groups];
#pragma GCC unroll 16
  for (int place = 0; place < Places; ++place)
    for (int group = 0; group < Groups; ++group)
      sums[place][group] = load<Floats>(bias + group * Lanes);

  for (int64_t row = 0; row < task.window_rows; ++row) {
    const float* windows[Places];
#pragma GCC unroll 16
    for (int place = 0; place < Places; ++place)
      windows[place] = block.windows[place] + row * task.window_stride;
    const float* panel = weights + row * task.weights_stride * (Groups * Lanes);
    for (int64_t value = 0; value < task.run; ++value) {
      Floats column[Groups];
#pragma GCC unroll 4
      for (int group = 0; group < Groups; ++group)
        column[group] = load<Floats>(panel + group * Lanes);
      panel += Groups * Lanes;
#pragma GCC unroll 16
      for (int place = 0; place < Places; ++place)
#pragma GCC unroll 4
        for (int group = 0; group < Groups; ++group)
          sums[place][group] += column[group] * windows[place][value];
    }
  }

#pragma GCC unroll 16
  for (int place = 0; place < Places; ++place) {
    if (place >= block.count) break;
#pragma GCC unroll 4
    for (int group = 0; group < Groups; ++group) {
      Floats sum = sums[place][group];
      const int64_t at = group * second;
      if (task.routes != nullptr) {
        store_bytes<Lanes>(task.routes + block.routes[place] + at, ~(sum > Floats{}) & kNoRoute);
      }
      store(block.outputs[place] + at, task.relu ? positive_part(sum) : sum);
    }
  }
}

// Fewer places than a full block take the smallest block that holds them; the rest of it repeats
// the last place and is not stored.
template <int Lanes, int Groups>
inline void multiply_places(const Multiplication& task, Block& block, const float* weights,
                            const float* bias, int64_t second) {
  const int count = block.count;
  for (int place = count; place < kPlaces; ++place) block.windows[place] = block.windows[count - 1];
  if (count > 2 * kPlaces / 3)
    multiply_block<Lanes, kPlaces, Groups>(task, block, weights, bias, second);
  else if (count > kPlaces / 3)
    multiply_block<Lanes, 2 * kPlaces / 3, Groups>(task, block, weights, bias, second);
  else
    multiply_block<Lanes, kPlaces / 3, Groups>(task, block, weights, bias, second);
}

template <int Lanes, int Groups>
inline void multiply_panel(const Multiplication& task, int64_t first_group) {
  const int64_t filters = task.panels.filters;
  const int64_t start = group_start(first_group, filters, Lanes);
  const int64_t second = group_start(first_group + 1, filters, Lanes) - start;
  const float* weights =
      task.weights + first_group * Lanes * task.panels.rows + task.weights_first * (Groups * Lanes);
  const float* bias = task.bias + first_group * Lanes;
  Block block;
  for (int64_t image = 0; image < task.images; ++image) {
    const float* input = task.input + image * task.input_image;
    for (int64_t place = 0; place < task.places; ++place) {
      const int64_t to = image * task.output_image + task.output_places[place] + start;
      block.windows[block.count] = input + task.input_places[place];
      block.outputs[block.count] = task.output + to;
      block.routes[block.count] = to;
      if (++block.count == kPlaces) {
        multiply_block<Lanes, kPlaces, Groups>(task, block, weights, bias, second);
        block.count = 0;
      }
    }
  }
  if (block.count > 0) multiply_places<Lanes, Groups>(task, block, weights, bias, second);
}

template <int Lanes>
inline void multiply_with(const Multiplication& task) {
  const int64_t groups = group_count(task.panels.filters, Lanes);
  for (int64_t group = 0; group + 1 < groups; group += 2) multiply_panel<Lanes, 2>(task, group);
  if (groups % 2 == 1) multiply_panel<Lanes, 1>(task, groups - 1);
}

inline void multiply(const Multiplication& task) {
  with_lanes(task.panels.lanes, [&](auto lanes) { multiply_with<lanes.value>(task); });
}

}  // namespace hangtag::HANGTAG_ISA
