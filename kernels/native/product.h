// Matrix products of dense layers: left (rows × depth, any strides) and right (depth × columns,
// rows of neighbours) in, their product out, as it stands or with rows and columns exchanged. The
// sums of a block of rows × two groups of columns stay in registers over a part of the depth.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

// 12 × 2 sums, 2 groups and a broadcast fill 27 of 32 registers; 6 × 2 sums fill 15 of 16.
constexpr int kRows = kRegisters == 32 ? 12 : 6;
// Columns fewer than a full group are rare or few; few block sizes keep the library small.
constexpr int kNarrowRows = 4;
// Rows worked out before they are written with rows and columns exchanged: whole groups again.
constexpr int kTile = 4 * kRows;
// Products added one after the other before their sum joins that of the others: several hundred in
// one go would lose five times the bits that XLA's products do.
constexpr int64_t kDepthAtOnce = 64;

// Stores the sums of a block, or adds them to what is stored. Groups that overlap must all be read
// before one is written.
template <class Floats, int Rows, int Groups>
inline void keep_block(Floats (&sums)[Rows][Groups], bool added, int64_t second, float* to,
                       int64_t to_row) {
#pragma GCC unroll 16
  for (int one = 0; one < Rows; ++one) {
    float* place = to + one * to_row;
    if (added)
#pragma GCC unroll 2
      for (int group = 0; group < Groups; ++group)
        sums[one][group] += load<Floats>(place + group * second);
#pragma GCC unroll 2
    for (int group = 0; group < Groups; ++group) store(place + group * second, sums[one][group]);
  }
}

template <int Lanes, int Rows, int Groups>
inline void product_block(const Product& task, int64_t row, int64_t column, int64_t second,
                          float* to, int64_t to_row) {
  using Floats = typename Group<Lanes>::Floats;
  const float* left[Rows];
#pragma GCC unroll 16
  for (int one = 0; one < Rows; ++one) left[one] = task.left + (row + one) * task.left_row;
  const float* right = task.right + column;
  const int64_t step = task.left_column;
  int64_t at = 0;
  do {
    const bool added = at > 0;
    const int64_t end = task.depth - at > kDepthAtOnce ? at + kDepthAtOnce : task.depth;
    Floats sums[Rows][Groups] = {};
    for (; at < end; ++at) {
      Floats columns[Groups];
#pragma GCC unroll 2
      for (int group = 0; group < Groups; ++group)
        columns[group] = load<Floats>(right + group * second);
      right += task.right_row;
#pragma GCC unroll 16
      for (int one = 0; one < Rows; ++one)
#pragma GCC unroll 2
        for (int group = 0; group < Groups; ++group)
          sums[one][group] += columns[group] * left[one][at * step];
    }
    keep_block(sums, added, second, to, to_row);
  } while (at < task.depth);
}

// As product_block, for rows that are neighbours at every depth.
template <int Lanes, int Rows, int Groups>
inline void product_block_down(const Product& task, int64_t row, int64_t column, int64_t second,
                               float* to, int64_t to_row) {
  using Floats = typename Group<Lanes>::Floats;
  const float* left = task.left + row;
  const float* right = task.right + column;
  int64_t at = 0;
  do {
    const bool added = at > 0;
    const int64_t end = task.depth - at > kDepthAtOnce ? at + kDepthAtOnce : task.depth;
    Floats sums[Rows][Groups] = {};
    for (; at < end; ++at) {
      Floats columns[Groups];
#pragma GCC unroll 2
      for (int group = 0; group < Groups; ++group)
        columns[group] = load<Floats>(right + group * second);
#pragma GCC unroll 16
      for (int one = 0; one < Rows; ++one)
#pragma GCC unroll 2
        for (int group = 0; group < Groups; ++group) sums[one][group] += columns[group] * left[one];
      left += task.left_column;
      right += task.right_row;
    }
    keep_block(sums, added, second, to, to_row);
  } while (at < task.depth);
}

// The block of exactly `count` rows, at most `Rows`.
template <int Lanes, int Rows, int Groups>
inline void product_rows(const Product& task, int64_t row, int count, int64_t column,
                         int64_t second, float* to, int64_t to_row) {
  if constexpr (Rows > 1)
    if (count < Rows)
      return product_rows<Lanes, Rows - 1, Groups>(task, row, count, column, second, to, to_row);
  if (task.left_row == 1)
    product_block_down<Lanes, Rows, Groups>(task, row, column, second, to, to_row);
  else
    product_block<Lanes, Rows, Groups>(task, row, column, second, to, to_row);
}

// Rows `first` to `last` of one or two groups of columns, in as few blocks as fit.
template <int Lanes, int Groups>
inline void product_panel(const Product& task, int64_t first, int64_t last, int64_t column,
                          int64_t second, float* to, int64_t to_row) {
  constexpr int most = Lanes < kLanes ? kNarrowRows : kRows;
  const int64_t rows = last - first;
  const int64_t blocks = (rows + most - 1) / most;
  for (int64_t block = 0; block < blocks; ++block) {
    const int64_t from = rows * block / blocks;
    const int64_t count = rows * (block + 1) / blocks - from;
    product_rows<Lanes, most, Groups>(task, first + from, static_cast<int>(count), column, second,
                                      to + from * to_row, to_row);
  }
}

template <int Lanes>
inline void product_with(const Product& task) {
  const int64_t groups = group_count(task.columns, Lanes);
  for (int64_t group = 0; group + 1 < groups; group += 2) {
    const int64_t start = group_start(group, task.columns, Lanes);
    const int64_t second = group_start(group + 1, task.columns, Lanes) - start;
    product_panel<Lanes, 2>(task, 0, task.rows, start, second, task.result + start,
                            task.result_row);
  }
  if (groups % 2 == 1) {
    const int64_t start = group_start(groups - 1, task.columns, Lanes);
    product_panel<Lanes, 1>(task, 0, task.rows, start, 0, task.result + start, task.result_row);
  }
}

inline void product(const Product& task) {
  with_lanes(lanes_for(task.columns, kLanes), [&](auto lanes) { product_with<lanes.value>(task); });
}

// Of two vectors, the first or the last half of each, taken in turn.
template <int Lanes>
inline void interleave(typename Group<Lanes>::Floats one, typename Group<Lanes>::Floats other,
                       typename Group<Lanes>::Floats& low, typename Group<Lanes>::Floats& high) {
  using Floats = typename Group<Lanes>::Floats;
#if defined(__clang__)
  for (int lane = 0; lane < Lanes; ++lane) {
    low[lane] = lane % 2 == 0 ? one[lane / 2] : other[lane / 2];
    high[lane] = lane % 2 == 0 ? one[(Lanes + lane) / 2] : other[(Lanes + lane) / 2];
  }
#else
  typename Group<Lanes>::Integers first = {}, second = {};
#pragma GCC unroll 16
  for (int lane = 0; lane < Lanes; ++lane) {
    first[lane] = lane / 2 + lane % 2 * Lanes;
    second[lane] = first[lane] + Lanes / 2;
  }
  low = __builtin_shuffle(one, other, first);
  high = __builtin_shuffle(one, other, second);
#endif
  (void)sizeof(Floats);
}

// A square of the widest vectors with rows and columns exchanged.
inline void exchange_square(const float* from, int64_t from_row, float* to, int64_t to_row) {
  using Floats = Group<kLanes>::Floats;
  Floats rows[kLanes];
#pragma GCC unroll 16
  for (int row = 0; row < kLanes; ++row) rows[row] = load<Floats>(from + row * from_row);
#pragma GCC unroll 4
  for (int length = 1; length < kLanes; length *= 2) {
    Floats next[kLanes];
#pragma GCC unroll 16
    for (int row = 0; row < kLanes / 2; ++row)
      interleave<kLanes>(rows[row], rows[row + kLanes / 2], next[2 * row], next[2 * row + 1]);
#pragma GCC unroll 16
    for (int row = 0; row < kLanes; ++row) rows[row] = next[row];
  }
#pragma GCC unroll 16
  for (int row = 0; row < kLanes; ++row) store(to + row * to_row, rows[row]);
}

// to[column][row] = from[row][column].
inline void exchange(const float* from, int64_t rows, int64_t columns, int64_t from_row, float* to,
                     int64_t to_row) {
  if (rows < kLanes || columns < kLanes) {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; ++column)
        to[column * to_row + row] = from[row * from_row + column];
    return;
  }
  for (int64_t down = 0; down < group_count(rows, kLanes); ++down)
    for (int64_t across = 0; across < group_count(columns, kLanes); ++across) {
      const int64_t row = group_start(down, rows, kLanes);
      const int64_t column = group_start(across, columns, kLanes);
      exchange_square(from + row * from_row + column, from_row, to + column * to_row + row, to_row);
    }
}

// result[column][row]: the same product, written with rows and columns exchanged, for a right
// side of whole groups of which the first `columns` are wanted.
inline void product_across(const Product& task) {
  alignas(64) float tile[kTile * 2 * kLanes];
  constexpr int64_t width = 2 * kLanes;
  // The last tile is not left with fewer rows than a group, which would be exchanged one by one.
  const int64_t tiles = task.rows < kTile ? 1 : task.rows / kTile;
  for (int64_t one = 0; one < tiles; ++one) {
    const int64_t first = one * kTile;
    for (int64_t from = first, left = one + 1 < tiles ? kTile : task.rows - first; left > 0;) {
      const int64_t rows = left <= kTile ? left : left - left / 2;
      for (int64_t column = 0; column < task.columns; column += width) {
        const int64_t wanted = task.columns - column < width ? task.columns - column : width;
        if (wanted > kLanes)
          product_panel<kLanes, 2>(task, from, from + rows, column, kLanes, tile, width);
        else
          product_panel<kLanes, 1>(task, from, from + rows, column, 0, tile, width);
        exchange(tile, rows, wanted, width, task.result + column * task.result_row + from,
                 task.result_row);
      }
      from += rows;
      left -= rows;
    }
  }
}

// to = parts added in their order, with the bias, rectified if asked for.
template <int Lanes>
inline void finish_with(const Finishing& task) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t groups = group_count(task.columns, Lanes);
  for (int64_t row = 0; row < task.rows; ++row)
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t start = group_start(group, task.columns, Lanes);
      const float* from = task.parts + row * task.columns + start;
      Floats sum = load<Floats>(from);
      for (int64_t part = 1; part < task.count; ++part)
        sum += load<Floats>(from + part * task.stride);
      sum += load<Floats>(task.bias + start);
      store(task.to + row * task.columns + start, task.relu ? positive_part(sum) : sum);
    }
}

inline void finish(const Finishing& task) {
  with_lanes(lanes_for(task.columns, kLanes), [&](auto lanes) { finish_with<lanes.value>(task); });
}

inline void settle(const Settling& task) {
  for (int64_t row = 0; row < task.rows; ++row) {
    float* values = task.values + row * task.row;
    for (int64_t column = 0; column < task.columns; ++column) {
      const float sum = values[column] + task.bias[column];
      values[column] = task.relu && 0.0f > sum ? 0.0f : sum;
    }
  }
}

inline void prepare(const Preparing& task, const uint8_t* from, float* to, int64_t count) {
  const float scale = task.scale;
  for (int64_t one = 0; one < count; ++one) to[one] = static_cast<float>(from[one]) * scale;
  if (task.mean == nullptr) return;
  for (int64_t one = 0; one < count; ++one)
    to[one] = (to[one] - task.mean[one]) / task.deviation[one];
}

// spread[i] = slopes[i] where the rectified output is above zero.
inline void switch_off(const float* slopes, const float* outputs, float* spread, int64_t count) {
  for (int64_t one = 0; one < count; ++one) spread[one] = outputs[one] > 0 ? slopes[one] : 0.0f;
}

// sums[column] = sum over the rows.
template <int Lanes>
inline void add_rows_with(const float* from, int64_t rows, int64_t columns, float* sums) {
  using Floats = typename Group<Lanes>::Floats;
  for (int64_t group = 0; group < group_count(columns, Lanes); ++group) {
    const int64_t start = group_start(group, columns, Lanes);
    Floats parts[4] = {};
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4)
#pragma GCC unroll 4
      for (int one = 0; one < 4; ++one)
        parts[one] += load<Floats>(from + (row + one) * columns + start);
    for (; row < rows; ++row) parts[0] += load<Floats>(from + row * columns + start);
    store(sums + start, (parts[0] + parts[1]) + (parts[2] + parts[3]));
  }
}

inline void add_rows(const float* from, int64_t rows, int64_t columns, float* sums) {
  with_lanes(lanes_for(columns, kLanes),
             [&](auto lanes) { add_rows_with<lanes.value>(from, rows, columns, sums); });
}

}  // namespace hangtag::HANGTAG_ISA
