// The nearest centres of points: rows of numbers and weights in, the number of the centre with the
// least product, that product and the second least out. With a row (x, 1, |x|²) and the weights
// (-2c, |c|², 1) a product is a squared distance.
#pragma once

#include <cstdint>

#include "steps.h"

namespace hangtag {

struct Nearest {
  const float* rows = nullptr;      // points × width
  const int64_t* places = nullptr;  // which rows, null for the first `count`
  int64_t count = 0;
  int64_t width = 0;
  const float* weights = nullptr;  // centres × width
  int64_t centres = 0;
  int32_t* nearest = nullptr;
  float* first = nullptr;
  float* second = nullptr;  // infinite when there is one centre
};

// Throws std::bad_alloc and Interrupted. As in XLA, numbers too small for full precision are
// zero.
void two_nearest(const Nearest& call, const Steps& steps);

}  // namespace hangtag
