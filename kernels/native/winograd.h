// Convolution of 3 × 3 windows with fewer products, by Winograd's way: 6 × 6 values of an image
// are transformed into 36 others, multiplied one by one with 36 that stand for the weights, and
// transformed back into 4 × 4 places of the output: 36 products where windows have 144. Here are
// the transforms; the products, summed over channels, are 36 matrix products of `multiply` and
// `correlate`.
//
// A tile of six numbers stands for a polynomial, told by its values at 0, ±a, ±b and infinity
// (Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for
// Convolutional Neural Networks, 2016). With the usual ±1 and ±2 numbers grow by 24 on the way and
// lose five times as many bits; 11/16 and 3/2 came out best of the short fractions, and all
// constants made of them but the divisors are exact.
#pragma once

#include "pool.h"
#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

constexpr float kA = 0.6875f;
constexpr float kB = 1.5f;
constexpr float kA2 = kA * kA;
constexpr float kB2 = kB * kB;
// What values at the points are divided by: the products of a point's distances from all others.
// They alone are rounded, so that they are kept in double where weights are transformed in it.
constexpr double kExactAt0 = 1.0 / (kA2 * kB2);
constexpr double kExactAtA = 1.0 / (2.0 * kA2 * (kA2 - kB2));
constexpr double kExactAtB = 1.0 / (2.0 * kB2 * (kB2 - kA2));
constexpr float kAt0 = static_cast<float>(kExactAt0);
constexpr float kAtA = static_cast<float>(kExactAtA);
constexpr float kAtB = static_cast<float>(kExactAtB);

// Six values of an image in, their six counterparts out.
template <class Floats>
inline void input_transform(const Floats (&from)[kTileSide], Floats (&to)[kTileSide]) {
  const Floats even_a = from[4] - from[2] * kB2;
  const Floats odd_a = (from[3] - from[1] * kB2) * kA;
  const Floats even_b = from[4] - from[2] * kA2;
  const Floats odd_b = (from[3] - from[1] * kA2) * kB;
  to[0] = from[4] - from[2] * (kA2 + kB2) + from[0] * (kA2 * kB2);
  to[1] = even_a + odd_a;
  to[2] = even_a - odd_a;
  to[3] = even_b + odd_b;
  to[4] = even_b - odd_b;
  to[5] = from[5] - from[3] * (kA2 + kB2) + from[1] * (kA2 * kB2);
}

// Six sums of products in, four places of the output out.
template <class Floats>
inline void output_transform(const Floats (&from)[kTileSide], Floats (&to)[kTilePlaces]) {
  const Floats even_a = from[1] + from[2];
  const Floats odd_a = from[1] - from[2];
  const Floats even_b = from[3] + from[4];
  const Floats odd_b = from[3] - from[4];
  to[0] = from[0] + even_a + even_b;
  to[1] = odd_a * kA + odd_b * kB;
  to[2] = even_a * kA2 + even_b * kB2;
  to[3] = from[5] + odd_a * (kA2 * kA) + odd_b * (kB2 * kB);
}

// Four slopes in, their six counterparts out: output_transform read backwards.
template <class Floats>
inline void gradient_transform(const Floats (&from)[kTilePlaces], Floats (&to)[kTileSide]) {
  const Floats even_a = from[0] + from[2] * kA2;
  const Floats odd_a = (from[1] + from[3] * kA2) * kA;
  const Floats even_b = from[0] + from[2] * kB2;
  const Floats odd_b = (from[1] + from[3] * kB2) * kB;
  to[0] = from[0];
  to[1] = even_a + odd_a;
  to[2] = even_a - odd_a;
  to[3] = even_b + odd_b;
  to[4] = even_b - odd_b;
  to[5] = from[3];
}

// Three weights in, their six counterparts out. Weights are few beside what they are multiplied
// with, so they are transformed in double and rounded once.
template <class Doubles>
inline void kernel_transform(const Doubles (&from)[3], Doubles (&to)[kTileSide]) {
  const Doubles even_a = (from[0] + from[2] * double(kA2)) * kExactAtA;
  const Doubles odd_a = from[1] * (kA * kExactAtA);
  const Doubles even_b = (from[0] + from[2] * double(kB2)) * kExactAtB;
  const Doubles odd_b = from[1] * (kB * kExactAtB);
  to[0] = from[0] * kExactAt0;
  to[1] = even_a + odd_a;
  to[2] = even_a - odd_a;
  to[3] = even_b + odd_b;
  to[4] = even_b - odd_b;
  to[5] = from[2];
}

// Six sums in, the gradient of three weights out: kernel_transform read backwards.
template <class Floats>
inline void kernel_gradient_transform(const Floats (&from)[kTileSide], Floats (&to)[3]) {
  const Floats even_a = (from[1] + from[2]) * kAtA;
  const Floats odd_a = (from[1] - from[2]) * kAtA;
  const Floats even_b = (from[3] + from[4]) * kAtB;
  const Floats odd_b = (from[3] - from[4]) * kAtB;
  to[0] = from[0] * kAt0 + even_a + even_b;
  to[1] = odd_a * kA + odd_b * kB;
  to[2] = from[5] + even_a * kA2 + even_b * kB2;
}

// Rows × columns of `From` numbers each way into `To` each way, `transform` being the way of one
// line. `read(row, column)` and `write(row, column, values)` say where they are.
template <class Floats, int From, int To, class Transform, class Read, class Write>
inline void transform_square(Transform transform, Read read, Write write) {
  Floats halfway[From][To];
#pragma GCC unroll 8
  for (int column = 0; column < From; ++column) {
    Floats line[From];
#pragma GCC unroll 8
    for (int row = 0; row < From; ++row) line[row] = read(row, column);
    transform(line, halfway[column]);
  }
#pragma GCC unroll 8
  for (int row = 0; row < To; ++row) {
    Floats line[From];
    Floats transformed[To];
#pragma GCC unroll 8
    for (int column = 0; column < From; ++column) line[column] = halfway[column][row];
    transform(line, transformed);
#pragma GCC unroll 8
    for (int column = 0; column < To; ++column) write(row, column, transformed[column]);
  }
}

// Where a tile begins: its image, and its first row and column there, which may be outside.
struct TileCorner {
  int64_t image;
  int64_t row;
  int64_t column;
};

inline TileCorner corner_of(const Tiling& tiling, int64_t tile) {
  const int64_t place = tile % (tiling.down * tiling.across);
  return {tile / (tiling.down * tiling.across),
          tiling.first_row + place / tiling.across * kTilePlaces,
          tiling.first_column + place % tiling.across * kTilePlaces};
}

// Where the values of a tile are that hangs over an edge: zeros outside of the image.
template <int Size>
inline void find_places(const Tiling& tiling, const float* images, const TileCorner& corner,
                        const float* (&places)[Size][Size]) {
  for (int row = 0; row < Size; ++row)
    for (int column = 0; column < Size; ++column) {
      const int64_t y = corner.row + row;
      const int64_t x = corner.column + column;
      const bool inside = y >= 0 && y < tiling.rows && x >= 0 && x < tiling.columns;
      const int64_t at =
          ((corner.image * tiling.rows + y) * tiling.columns + x) * tiling.channels;
      places[row][column] = inside ? images + at : tiling.zeros;
    }
}

// Transforms `Size` × `Size` values of every tile of a block.
template <int Lanes, int Size, class Transform>
inline void transform_tiles(const Tiling& tiling, const float* images, float* to,
                            Transform transform) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t channels = tiling.channels;
  const int64_t line = tiling.columns * channels;
  const int64_t groups = group_count(channels, Lanes);
  for (int64_t tile = 0; tile < tiling.count; ++tile, to += channels) {
    const TileCorner corner = corner_of(tiling, tiling.first + tile);
    const float* first = nullptr;
    const float* places[Size][Size];
    const bool whole = corner.row >= 0 && corner.row + Size <= tiling.rows && corner.column >= 0 &&
                       corner.column + Size <= tiling.columns;
    if (whole)
      first =
          images + (corner.image * tiling.rows + corner.row) * line + corner.column * channels;
    else
      find_places(tiling, images, corner, places);
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t start = group_start(group, channels, Lanes);
      const auto write = [&](int row, int column, Floats values) {
        store(to + (row * kTileSide + column) * tiling.matrix + start, values);
      };
      if (whole)
        transform_square<Floats, Size, kTileSide>(
            transform,
            [&](int row, int column) {
              return load<Floats>(first + start + row * line + column * channels);
            },
            write);
      else
        transform_square<Floats, Size, kTileSide>(
            transform,
            [&](int row, int column) { return load<Floats>(places[row][column] + start); }, write);
    }
  }
}

inline void transform_inputs(const Tiling& tiling, const float* images, float* to) {
  with_lanes(lanes_for(tiling.channels, kLanes), [&](auto lanes) {
    transform_tiles<lanes.value, kTileSide>(
        tiling, images, to,
        [](const auto& from, auto& transformed) { input_transform(from, transformed); });
  });
}

inline void transform_gradients(const Tiling& tiling, const float* slopes, float* to) {
  with_lanes(lanes_for(tiling.channels, kLanes), [&](auto lanes) {
    transform_tiles<lanes.value, kTilePlaces>(
        tiling, slopes, to,
        [](const auto& from, auto& transformed) { gradient_transform(from, transformed); });
  });
}

// Stores rows × columns places of a tile, the first of them `at` floats behind the first of all.
template <int Lanes, class Floats>
inline void store_places(const Tiling& tiling, const TileOutputs& task, int64_t rows,
                         int64_t columns, int64_t at,
                         const Floats (&values)[kTilePlaces][kTilePlaces]) {
#pragma GCC unroll 4
  for (int64_t row = 0; row < rows; ++row, at += tiling.columns * tiling.channels)
#pragma GCC unroll 4
    for (int64_t column = 0; column < columns; ++column) {
      const Floats value = values[row][column];
      const int64_t here = at + column * tiling.channels;
      if (task.routes != nullptr)
        store_bytes<Lanes>(task.routes + here, ~(value > Floats{}) & kNoRoute);
      store(task.to + here, task.relu ? positive_part(value) : value);
    }
}

template <int Lanes>
inline bool transform_outputs_with(const Tiling& tiling, const TileOutputs& task) {
  using Floats = typename Group<Lanes>::Floats;
  const int64_t channels = tiling.channels;
  const int64_t groups = group_count(channels, Lanes);
  Floats poison = {};  // zeros times what is finite: zero
  for (int64_t tile = 0; tile < tiling.count; ++tile) {
    const TileCorner corner = corner_of(tiling, tiling.first + tile);
    const int64_t rows = tiling.rows - corner.row;
    const int64_t columns = tiling.columns - corner.column;
    const bool whole = rows >= kTilePlaces && columns >= kTilePlaces;
    const int64_t first =
        ((corner.image * tiling.rows + corner.row) * tiling.columns + corner.column) * channels;
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t start = group_start(group, channels, Lanes);
      const float* from = task.from + tile * channels + start;
      const Floats bias = load<Floats>(task.bias + group * Lanes);
      Floats values[kTilePlaces][kTilePlaces];
      transform_square<Floats, kTileSide, kTilePlaces>(
          [](const auto& sums, auto& transformed) { output_transform(sums, transformed); },
          [&](int row, int column) {
            return load<Floats>(from + (row * kTileSide + column) * tiling.matrix);
          },
          [&](int row, int column, Floats sum) {
            values[row][column] = sum + bias;
            poison += sum * 0.0f;
          });
      if (whole)
        store_places<Lanes>(tiling, task, kTilePlaces, kTilePlaces, first + start, values);
      else
        store_places<Lanes>(tiling, task, rows < kTilePlaces ? rows : kTilePlaces,
                            columns < kTilePlaces ? columns : kTilePlaces, first + start, values);
    }
  }
  return all_numbers(poison);
}

inline bool transform_outputs(const Tiling& tiling, const TileOutputs& task) {
  bool finite = true;
  with_lanes(lanes_for(tiling.channels, kLanes),
             [&](auto lanes) { finite = transform_outputs_with<lanes.value>(tiling, task); });
  return finite;
}

// Weights of 3 × 3 taps, rows `first` to `last` of each, into 36 matrices packed for `multiply`.
template <int Lanes>
inline void transform_kernels_with(const TileWeights& task, int64_t first, int64_t last) {
  using Floats = typename Group<Lanes>::Floats;
  using Doubles = typename Group<Lanes>::Doubles;
  const Panels& panels = task.panels;
  const int64_t groups = group_count(panels.filters, Lanes);
  const int64_t tap = panels.rows * panels.filters;
  for (int64_t pair = 0; pair < groups; pair += 2) {
    const int64_t width = pair + 1 < groups ? 2 * Lanes : Lanes;
    for (int64_t row = first; row < last; ++row)
      for (int64_t group = pair; group < groups && group < pair + 2; ++group) {
        const float* from =
            task.from + row * panels.filters + group_start(group, panels.filters, Lanes);
        float* to = task.to + pair * Lanes * panels.rows + row * width + (group - pair) * Lanes;
        transform_square<Doubles, 3, kTileSide>(
            [](const auto& weights, auto& transformed) { kernel_transform(weights, transformed); },
            [&](int y, int x) {
              return __builtin_convertvector(load<Floats>(from + (y * 3 + x) * tap), Doubles);
            },
            [&](int y, int x, const Doubles& values) {
              store(to + (y * kTileSide + x) * task.matrix,
                    __builtin_convertvector(values, Floats));
            });
      }
  }
}

inline void transform_kernels(const TileWeights& task, int64_t first, int64_t last) {
  with_lanes(task.panels.lanes,
             [&](auto lanes) { transform_kernels_with<lanes.value>(task, first, last); });
}

// 36 matrices of sums, rows of whole groups, into the gradient of 3 × 3 taps.
template <int Lanes>
inline bool transform_kernel_gradient_with(const TileSums& task) {
  using Floats = typename Group<Lanes>::Floats;
  Floats poison = {};  // zeros times what is finite: zero
  for (int64_t at = 0; at < task.size; at += Lanes)
    transform_square<Floats, kTileSide, 3>(
        [](const auto& sums, auto& transformed) { kernel_gradient_transform(sums, transformed); },
        [&](int y, int x) {
          return load<Floats>(task.from + (y * kTileSide + x) * task.matrix + at);
        },
        [&](int y, int x, Floats values) {
          poison += values * 0.0f;
          store(task.to + (y * 3 + x) * task.size + at, values);
        });
  return all_numbers(poison);
}

inline bool transform_kernel_gradient(const TileSums& task) {
  bool finite = true;
  with_lanes(task.lanes,
             [&](auto lanes) { finite = transform_kernel_gradient_with<lanes.value>(task); });
  return finite;
}

}  // namespace hangtag::HANGTAG_ISA
