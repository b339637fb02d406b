// Cutting a convolution into pieces that suit the machine: how many images belong together, when
// to put zeros around them after all, and one multiplication for each region of places.
#pragma once

#include <cstdint>
#include <vector>

#include "geometry.h"
#include "steps.h"

namespace hangtag {

// A shape to compute with. Runs of a few values make windows cut by the edge, and blocks of one
// tap's weights, not worth their bookkeeping: such images are framed with zeros where windows
// hang over the edge, so that all windows are whole.
struct Inner {
  Shape shape;
  bool short_runs = false;
  bool framed = false;
};

Inner inner_shape(const Shape& shape);

// Copies images of `shape` into frames of zeros that give images of `inner`.
void frame(const Shape& shape, const Shape& inner, const float* input, int64_t images, float* to);

// Images for one task of a call.
int64_t images_together(const Shape& shape, int64_t images, int64_t models);

// Runs `task`, complete but for its places and window, for every region. `taps` and `depth`:
// columns of the packed window, and values that one tap of it has.
void multiply_regions(const std::vector<Region>& regions, int64_t taps, int64_t depth,
                      Multiplication task, const Steps& steps);

}  // namespace hangtag
