// Where windows lie; see geometry.h.
#include "geometry.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace hangtag {

namespace {

// A training meets a handful of shapes; a sweep over many networks must not fill the memory.
constexpr size_t kMostPlans = 256;

bool same_taps(const Reach& one, const Reach& other) {
  return one.first == other.first && one.count == other.count;
}

// Groups places by their taps along both axes. `row` and `place` are the floats between rows and
// columns of what windows are taken from.
std::vector<Region> regions(const std::vector<Reach>& rows, const std::vector<Reach>& columns,
                            int64_t row, int64_t place, int64_t output_place) {
  std::vector<Region> found;
  for (size_t y = 0; y < rows.size(); ++y)
    for (size_t x = 0; x < columns.size(); ++x) {
      auto region = std::find_if(found.begin(), found.end(), [&](const Region& one) {
        return same_taps(one.rows, rows[y]) && same_taps(one.columns, columns[x]);
      });
      if (region == found.end()) {
        found.push_back({rows[y], columns[x], {}, {}});
        region = found.end() - 1;
      }
      region->inputs.push_back(rows[y].input * row + columns[x].input * place);
      region->outputs.push_back(static_cast<int64_t>(y * columns.size() + x) * output_place);
    }
  return found;
}

Plan make_plan(const Shape& shape) {
  Plan plan;
  plan.forward = regions(forward_reach(shape.rows), forward_reach(shape.columns),
                         shape.columns.input * shape.channels, shape.channels, shape.filters);
  plan.backward = regions(backward_reach(shape.rows), backward_reach(shape.columns),
                          shape.columns.output * shape.filters, shape.filters, shape.channels);
  plan.backward_row_taps = backward_order(shape.rows);
  plan.backward_column_taps = backward_order(shape.columns);
  return plan;
}

}  // namespace

std::vector<Reach> forward_reach(const Axis& axis) {
  std::vector<Reach> reach(axis.output);
  for (int64_t place = 0; place < axis.output; ++place) {
    const int64_t start = place * axis.stride - axis.pad;
    const int64_t first = std::min(std::max<int64_t>(0, -start), axis.taps);
    const int64_t last = std::clamp(axis.input - start, first, axis.taps);
    reach[place] = last > first ? Reach{first, last - first, start + first} : Reach{};
  }
  return reach;
}

std::vector<int64_t> backward_order(const Axis& axis) {
  std::vector<int64_t> order;
  // Taps that lie a stride apart meet the same places; beyond the last tap no phase has any.
  for (int64_t phase = 0; phase < std::min(axis.stride, axis.taps); ++phase) {
    const int64_t last = phase + (axis.taps - 1 - phase) / axis.stride * axis.stride;
    for (int64_t tap = last; tap >= 0; tap -= axis.stride) order.push_back(tap);
  }
  return order;
}

std::vector<Reach> backward_reach(const Axis& axis) {
  const std::vector<int64_t> order = backward_order(axis);
  std::vector<Reach> reach(axis.input);
  for (int64_t place = 0; place < axis.input; ++place)
    for (size_t at = 0; at < order.size(); ++at) {
      const int64_t distance = place + axis.pad - order[at];
      if (distance % axis.stride != 0 || distance < 0) continue;
      const int64_t output = distance / axis.stride;
      if (output >= axis.output) continue;
      if (reach[place].count == 0) reach[place] = {static_cast<int64_t>(at), 0, output};
      ++reach[place].count;
    }
  return reach;
}

Span span_of_tap(const Axis& axis, int64_t tap) {
  // Smallest and largest o with 0 <= o * stride - pad + tap < input.
  const int64_t before = axis.pad - tap;
  const int64_t first = before <= 0 ? 0 : (before + axis.stride - 1) / axis.stride;
  const int64_t room = axis.input - 1 + before;
  const int64_t last = room < 0 ? 0 : std::min(axis.output, room / axis.stride + 1);
  return {first, std::max(first, last)};
}

std::shared_ptr<const Plan> plan_of(const Shape& shape) {
  static std::mutex mutex;
  static std::map<Shape, std::shared_ptr<const Plan>> plans;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = plans.find(shape);
  if (known != plans.end()) return known->second;
  if (plans.size() >= kMostPlans) plans.clear();
  return plans[shape] = std::make_shared<const Plan>(make_plan(shape));
}

}  // namespace hangtag
