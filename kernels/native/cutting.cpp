// Cutting a convolution into pieces that suit the machine; see cutting.h.
#include "cutting.h"

#include <algorithm>

namespace hangtag {

namespace {

// A frame may take this many times the places that the image and its output have: more is a wide
// stride over zeros, which is not worth storing and could be of any size.
constexpr int64_t kRoom = 16;

// Products of a task after which somebody may want to know whether to go on: a tenth of a second.
constexpr int64_t kLongest = int64_t{1} << 32;

// A first layer has runs of 3 or 9 values, any later one of some fifty and more.
constexpr int64_t kShortRun = 16;

// Tasks of a call: enough that a thread that starts late, or is slowed down by somebody else's
// work, costs little.
constexpr int64_t kTasks = 16;

// Blocks of places waste part of their last; with this many places the waste is small.
constexpr int64_t kPlaces = 96;

bool overhangs(const Axis& axis) {
  return axis.pad > 0 || (axis.output - 1) * axis.stride - axis.pad + axis.taps > axis.input;
}

Axis framed(const Axis& axis) {
  return {(axis.output - 1) * axis.stride + axis.taps, axis.output, axis.taps, axis.stride, 0};
}

}  // namespace

Inner inner_shape(const Shape& shape) {
  if (shape.columns.taps * shape.channels >= kShortRun) return {shape, false, false};
  if (!overhangs(shape.rows) && !overhangs(shape.columns)) return {shape, true, false};
  const Shape frame = {framed(shape.rows), framed(shape.columns), shape.channels, shape.filters};
  const double places = static_cast<double>(frame.rows.input) * frame.columns.input;
  if (places > kRoom * (shape.places() + shape.rows.input * shape.columns.input))
    return {shape, false, false};
  return {frame, true, true};
}

void frame(const Shape& shape, const Shape& inner, const float* input, int64_t images, float* to) {
  std::fill(to, to + images * inner.input_size(), 0.0f);
  const int64_t row = shape.columns.input * shape.channels;
  const int64_t framed_row = inner.columns.input * inner.channels;
  const int64_t rows = std::min(shape.rows.input, inner.rows.input - shape.rows.pad);
  const int64_t columns = std::min(shape.columns.input, inner.columns.input - shape.columns.pad);
  if (rows <= 0 || columns <= 0) return;  // windows see nothing but zeros
  const int64_t first = shape.rows.pad * framed_row + shape.columns.pad * shape.channels;
  for (int64_t image = 0; image < images; ++image)
    for (int64_t line = 0; line < rows; ++line)
      std::copy_n(input + image * shape.input_size() + line * row, columns * shape.channels,
                  to + image * inner.input_size() + first + line * framed_row);
}

int64_t images_together(const Shape& shape, int64_t images, int64_t models) {
  const int64_t even = images * models / kTasks;
  const int64_t full = kPlaces / std::max<int64_t>(1, shape.places());
  const int64_t longest = kLongest / std::max<int64_t>(1, shape.output_size()) /
                          std::max<int64_t>(1, shape.window_size());
  return std::clamp<int64_t>(std::min(std::max(even, full), longest), 1, images);
}

void multiply_regions(const std::vector<Region>& regions, int64_t taps, int64_t depth,
                      Multiplication task, const Steps& steps) {
  for (const Region& region : regions) {
    task.input_places = region.inputs.data();
    task.output_places = region.outputs.data();
    task.places = static_cast<int64_t>(region.inputs.size());
    task.window_rows = region.rows.count;
    task.run = region.columns.count * depth;
    task.weights_first = (region.rows.first * taps + region.columns.first) * depth;
    steps.multiply(task);
  }
}

}  // namespace hangtag
