// Where windows lie: the shape of a convolution in, for every place of its output (or, for the
// gradient of its input, every place of its input) the taps inside the image out. Places whose
// windows are cut alike by the edges form a region, so zeros around an image are neither stored
// nor multiplied.
#pragma once

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace hangtag {

// Rows or columns of a convolution. Output place o sees input o * stride - pad + tap.
struct Axis {
  int64_t input = 0;
  int64_t output = 0;
  int64_t taps = 0;
  int64_t stride = 1;
  int64_t pad = 0;

  auto key() const { return std::tie(input, output, taps, stride, pad); }
};

struct Shape {
  Axis rows;
  Axis columns;
  int64_t channels = 0;
  int64_t filters = 0;

  bool operator<(const Shape& other) const {
    return std::tuple_cat(rows.key(), columns.key(), std::tie(channels, filters)) <
           std::tuple_cat(other.rows.key(), other.columns.key(),
                          std::tie(other.channels, other.filters));
  }
  int64_t input_size() const { return rows.input * columns.input * channels; }
  int64_t places() const { return rows.output * columns.output; }
  int64_t output_size() const { return places() * filters; }
  int64_t window_size() const { return rows.taps * columns.taps * channels; }
};

// The taps one place sees: `count` neighbours from `first`, the first of them at input `input`.
struct Reach {
  int64_t first = 0;
  int64_t count = 0;
  int64_t input = 0;
};

// Places whose windows have the same taps; offsets in floats inside one image.
struct Region {
  Reach rows;
  Reach columns;
  std::vector<int64_t> inputs;
  std::vector<int64_t> outputs;
};

// What one tap of the window sees of the output: places `first` to `last`.
struct Span {
  int64_t first = 0;
  int64_t last = 0;
};

struct Plan {
  std::vector<Region> forward;             // windows into the input, one for every output
  std::vector<Region> backward;            // windows into the slopes, one for every input
  std::vector<int64_t> backward_row_taps;  // tap that stands at each place of the packed order
  std::vector<int64_t> backward_column_taps;
};

std::vector<Reach> forward_reach(const Axis& axis);

// As forward_reach, for places of the input and taps in `backward_order`.
std::vector<Reach> backward_reach(const Axis& axis);

// Taps such that those an input place meets are neighbours, at outputs that count upwards.
std::vector<int64_t> backward_order(const Axis& axis);

Span span_of_tap(const Axis& axis, int64_t tap);

// Plans are remembered; this may be called from any thread.
std::shared_ptr<const Plan> plan_of(const Shape& shape);

}  // namespace hangtag
