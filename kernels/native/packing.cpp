// Filters in the order `multiply` walks them; see packing.h.
#include "packing.h"

#include <algorithm>

namespace hangtag {

namespace {

// `row(n)` points to the first number of row n; the row's numbers lie `step` apart.
template <class Row>
void pack(const Panels& panels, int64_t step, float* to, Row row) {
  const int64_t groups = padded(panels.filters, panels.lanes) / panels.lanes;
  for (int64_t pair = 0; pair < groups; pair += 2)
    for (int64_t number = 0; number < panels.rows; ++number) {
      const float* from = row(number);
      for (int64_t group = pair; group < std::min(pair + 2, groups); ++group) {
        const int64_t start = std::min(group * panels.lanes, panels.filters - panels.lanes);
        for (int64_t lane = 0; lane < panels.lanes; ++lane) *to++ = from[(start + lane) * step];
      }
    }
}

}  // namespace

Panels forward_panels(const Shape& shape, int widest) {
  return {shape.window_size(), shape.filters, lanes_for(shape.filters, widest)};
}

Panels backward_panels(const Shape& shape, int widest) {
  return {shape.rows.taps * shape.columns.taps * shape.filters, shape.channels,
          lanes_for(shape.channels, widest)};
}

void pack_forward(const Shape& shape, const Panels& panels, const float* weights, float* to) {
  pack(panels, 1, to, [&](int64_t row) { return weights + row * shape.filters; });
}

void pack_backward(const Shape& shape, const Plan& plan, const Panels& panels, const float* weights,
                   float* to) {
  const int64_t columns = shape.columns.taps;
  const int64_t filters = shape.filters;
  pack(panels, filters, to, [&](int64_t row) {
    const int64_t place = row / filters;
    const int64_t tap = plan.backward_row_taps[place / columns] * columns +
                        plan.backward_column_taps[place % columns];
    return weights + tap * shape.channels * filters + row % filters;
  });
}

void pack_bias(const Panels& panels, const float* bias, float* to) {
  const Panels one = {1, panels.filters, panels.lanes};
  if (bias == nullptr)
    std::fill_n(to, padded(panels.filters, panels.lanes), 0.0f);
  else
    pack(one, 1, to, [&](int64_t) { return bias; });
}

}  // namespace hangtag
