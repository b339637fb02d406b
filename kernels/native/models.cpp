// Arrays of a call for many models at once; see models.h.
#include "models.h"

#include <algorithm>
#include <utility>

namespace hangtag {

std::string text(const Dimensions& dimensions) {
  std::string said;
  for (const int64_t length : dimensions)
    said += (said.empty() ? "" : "x") + std::to_string(length);
  return said.empty() ? "no dimensions" : said;
}

Dimensions own(const Dimensions& dimensions, size_t rank) {
  if (dimensions.size() < rank) return dimensions;
  return Dimensions(dimensions.end() - static_cast<int64_t>(rank), dimensions.end());
}

int64_t product(const std::string& call, const Dimensions& lengths) {
  int64_t found = 1;
  for (const int64_t length : lengths)
    if (__builtin_mul_overflow(found, length, &found))
      throw Mismatch{call + ": " + text(lengths) + " is more than can be counted"};
  return found;
}

Models::Models(std::string call, const Dimensions& result, size_t rank) : call_(std::move(call)) {
  if (result.size() < rank)
    throw Mismatch{call_ + ": the result needs " + std::to_string(rank) + " dimensions; it has " +
                   text(result)};
  lengths_.assign(result.begin(), result.end() - static_cast<int64_t>(rank));
  empty_ = std::find(result.begin(), result.end(), 0) != result.end();
}

std::vector<int64_t> Models::offsets(const std::string& what, const Dimensions& array,
                                     size_t rank) const {
  bool fits = array.size() == lengths_.size() + rank;
  for (size_t at = 0; fits && at < lengths_.size(); ++at)
    fits = array[at] == 1 || array[at] == lengths_[at];
  if (!fits)
    throw Mismatch{call_ + ": the " + what + " should have " + std::to_string(rank) +
                   " dimensions for each model; got " + text(array)};
  if (empty_) return {};
  product(call_, array);
  int64_t step = product(call_, own(array, rank));
  // Models count up with the last of their dimensions fastest, so build from the last backwards.
  std::vector<int64_t> found(1, 0);
  for (size_t at = lengths_.size(); at-- > 0;) {
    std::vector<int64_t> more;
    for (int64_t one = 0; one < lengths_[at]; ++one)
      for (const int64_t offset : found) more.push_back(offset + (array[at] == 1 ? 0 : one * step));
    found = std::move(more);
    step *= array[at];
  }
  return found;
}

}  // namespace hangtag
