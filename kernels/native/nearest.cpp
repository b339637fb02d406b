// Products of points with centres, a few points at a time so that they and what comes of them stay
// near a core; see nearest.h. Called from threads of Python, which share nothing.
#include "nearest.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "denormals.h"
#include "interrupt.h"
#include "memory.h"
#include "processor.h"

namespace hangtag {

namespace {

// Points of a tile: whole blocks and whole groups of every instruction set.
constexpr int64_t kPoints = 48;

}  // namespace

void two_nearest(const Nearest& call, const Steps& steps) {
  if (call.count == 0 || call.centres == 0) return;
  const FlushDenormals flush;
  Interrupts interrupts;
  interrupts.listen(static_cast<double>(call.count) * static_cast<double>(call.width) *
                    static_cast<double>(call.centres));
  const int64_t across = padded(call.centres, 2 * steps.lanes);
  const int64_t rows_size = whole_lines(kPoints * call.width);
  const int64_t weights_size = whole_lines(call.width * across);
  float* tile = task_memory().floats(rows_size + weights_size + kPoints * call.centres);
  float* weights = tile + rows_size;
  float* products = weights + weights_size;
  std::fill(weights, weights + weights_size, 0.0f);
  for (int64_t centre = 0; centre < call.centres; ++centre)
    for (int64_t one = 0; one < call.width; ++one)
      weights[one * across + centre] = call.weights[centre * call.width + one];
  for (int64_t from = 0; from < call.count; from += kPoints) {
    interrupts.heed();
    const int64_t points = std::min(kPoints, call.count - from);
    const float* left = call.rows + from * call.width;
    if (call.places != nullptr) {
      for (int64_t point = 0; point < points; ++point)
        std::memcpy(tile + point * call.width, call.rows + call.places[from + point] * call.width,
                    static_cast<size_t>(call.width) * sizeof(float));
      left = tile;
    }
    Product one;
    one.left = left;
    one.left_row = call.width;
    one.left_column = 1;
    one.right = weights;
    one.right_row = across;
    one.result = products;
    one.result_row = points;
    one.rows = points;
    one.depth = call.width;
    one.columns = call.centres;
    steps.product_across(one);
    steps.least_two({products, points, call.centres, call.nearest + from, call.first + from,
                     call.second + from});
  }
}

}  // namespace hangtag

// 1 when it is done, 0 when memory is missing, -1 when it was ended by Ctrl-C, -2 when a number is
// none that it can have.
extern "C" __attribute__((visibility("default"))) int hangtag_two_nearest(
    const float* rows, const int64_t* places, int64_t count, int64_t width, const float* weights,
    int64_t centres, int32_t* nearest, float* first, float* second) {
  if (count < 0 || width < 0 || centres < 0 || centres > 2147483647) return -2;
  try {
    hangtag::two_nearest({rows, places, count, width, weights, centres, nearest, first, second},
                         hangtag::steps());
    return 1;
  } catch (const std::bad_alloc&) {
    return 0;
  } catch (const hangtag::Interrupted&) {
    return -1;
  } catch (...) {  // nothing may cross the border to C
    return -2;
  }
}
