// The first layer of a network for grey images: 3 × 3 windows of one channel, pooled 2 × 2. A
// place of the pooled output comes from 4 × 4 pixels; its four sums are made, compared and
// forgotten in registers, with the weights of two groups of filters beside them.
#pragma once

#include "pool.h"
#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

constexpr int kTaps = 9;

// Two groups of filters take 18 registers for the weights and 8 for the sums.
constexpr int kGreyGroups = kRegisters == 32 ? 2 : 1;

template <int Lanes, int Groups>
inline bool grey_panel(const GreyLayer& task, int64_t first_group) {
  using Floats = typename Group<Lanes>::Floats;
  int64_t starts[Groups];
  Floats weights[kTaps][Groups], bias[Groups], poison = {};
  for (int group = 0; group < Groups; ++group) {
    starts[group] = group_start(first_group + group, task.filters, Lanes);
    bias[group] = load<Floats>(task.bias + starts[group]);
    for (int tap = 0; tap < kTaps; ++tap)
      weights[tap][group] = load<Floats>(task.weights + tap * task.filters + starts[group]);
  }
  Pooling finished;
  finished.output = task.output;
  finished.routes = task.routes;
  finished.relu = task.relu;
  for (int64_t row = 0; row < task.height; ++row)
    for (int64_t column = 0; column < task.width; ++column) {
      const float* pixels = task.input + 2 * row * task.input_row + 2 * column;
      Floats sums[4][Groups];
#pragma GCC unroll 4
      for (int place = 0; place < 4; ++place)
#pragma GCC unroll 2
        for (int group = 0; group < Groups; ++group) sums[place][group] = bias[group];
#pragma GCC unroll 9
      for (int tap = 0; tap < kTaps; ++tap)
#pragma GCC unroll 4
        for (int place = 0; place < 4; ++place) {
          const float pixel = pixels[(tap / 3 + place / 2) * task.input_row + tap % 3 + place % 2];
#pragma GCC unroll 2
          for (int group = 0; group < Groups; ++group)
            sums[place][group] += weights[tap][group] * pixel;
        }
      const int64_t to = (row * task.width + column) * task.filters;
#pragma GCC unroll 2
      for (int group = 0; group < Groups; ++group)
        finish<Lanes>(
            finished,
            best_of<Lanes>(sums[0][group], sums[1][group], sums[2][group], sums[3][group], poison),
            to + starts[group]);
    }
  return all_numbers(poison);
}

// Returns whether all sums were numbers; if not, another way must find where they go.
inline bool grey_layer(const GreyLayer& task) {
  bool numbers = true;
  with_lanes(lanes_for(task.filters, kLanes), [&](auto lanes) {
    for_groups<lanes.value, kGreyGroups>(task.filters, [&](auto groups, int64_t first) {
      numbers = grey_panel<decltype(lanes)::value, decltype(groups)::value>(task, first) && numbers;
    });
  });
  return numbers;
}

template <int Lanes, int Groups>
inline void grey_sums(const GreyLayer& task, int64_t first_group) {
  using Floats = typename Group<Lanes>::Floats;
  int64_t starts[Groups];
  for (int group = 0; group < Groups; ++group)
    starts[group] = group_start(first_group + group, task.filters, Lanes);
  Floats sums[kTaps + 1][Groups] = {};
  for (int64_t image = 0; image < task.images; ++image)
    for (int64_t row = 0; row < task.height; ++row)
      for (int64_t column = 0; column < task.width; ++column) {
        const int64_t from = ((image * task.height + row) * task.width + column) * task.filters;
        const float* pixels =
            task.input + image * task.input_image + 2 * row * task.input_row + 2 * column;
#pragma GCC unroll 2
        for (int group = 0; group < Groups; ++group) {
          const Floats slope = load<Floats>(task.slopes + from + starts[group]);
          const auto route = load_bytes<Lanes>(task.from_routes + from + starts[group]);
          Floats of_place[4];
#pragma GCC unroll 4
          for (int place = 0; place < 4; ++place) {
            of_place[place] = (route == place) ? slope : Floats{};
            sums[kTaps][group] += of_place[place];
          }
#pragma GCC unroll 9
          for (int tap = 0; tap < kTaps; ++tap)
#pragma GCC unroll 4
            for (int place = 0; place < 4; ++place)
              sums[tap][group] +=
                  of_place[place] *
                  pixels[(tap / 3 + place / 2) * task.input_row + tap % 3 + place % 2];
        }
      }
  const int64_t stride = padded(task.filters, Lanes);
  for (int tap = 0; tap <= kTaps; ++tap)
    for (int group = 0; group < Groups; ++group) {
      float* to = task.sums + tap * stride + (first_group + group) * Lanes;
      store(to, task.add ? load<Floats>(to) + sums[tap][group] : sums[tap][group]);
    }
}

// The gradient of weights and bias, for all images of a task.
inline void grey_gradient(const GreyLayer& task) {
  with_lanes(lanes_for(task.filters, kLanes), [&](auto lanes) {
    for_groups<lanes.value, kGreyGroups>(task.filters, [&](auto groups, int64_t first) {
      grey_sums<decltype(lanes)::value, decltype(groups)::value>(task, first);
    });
  });
}

}  // namespace hangtag::HANGTAG_ISA
