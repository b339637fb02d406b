// Filters in the order `multiply` walks them: a matrix of weights in, panels out.
#pragma once

#include <cstdint>

#include "geometry.h"
#include "memory.h"
#include "steps.h"

namespace hangtag {

// Floats of a packed matrix.
inline int64_t packed_size(const Panels& panels) {
  return whole_lines(panels.rows * padded(panels.filters, panels.lanes));
}

// Weights of a convolution, for its output.
Panels forward_panels(const Shape& shape, int widest);
void pack_forward(const Shape& shape, const Panels& panels, const float* weights, float* to);

// The same weights with input and output exchanged, for the gradient of the input.
Panels backward_panels(const Shape& shape, int widest);
void pack_backward(const Shape& shape, const Plan& plan, const Panels& panels, const float* weights,
                   float* to);

// One number for each filter, as a matrix of one row; null packs zeros.
void pack_bias(const Panels& panels, const float* bias, float* to);

}  // namespace hangtag
