// Arrays of a call for many models at once, as `jax.vmap` makes it: dimensions in, where each
// model's own part begins out. An array that all models share has length 1 where the others have
// the number of models.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hangtag {

using Dimensions = std::vector<int64_t>;

// Such as 32x28x28x1.
std::string text(const Dimensions& dimensions);

// The last `rank` dimensions: those of one model.
Dimensions own(const Dimensions& dimensions, size_t rank);

// The product of lengths, or a Mismatch when it is beyond what can be counted: lengths come from
// outside, and an array without numbers may have any.
int64_t product(const std::string& call, const Dimensions& lengths);

class Models {
 public:
  // The models are what stands before the last `rank` dimensions of `result`.
  Models(std::string call, const Dimensions& result, size_t rank);

  // For each model, the first number of its part of an array of `rank` own dimensions; of no model
  // when the result has no numbers. Throws Mismatch when the array has other models.
  std::vector<int64_t> offsets(const std::string& what, const Dimensions& array, size_t rank) const;

 private:
  std::string call_;
  Dimensions lengths_;
  bool empty_;
};

// What does not fit, in a sentence for the person who called from Python.
struct Mismatch {
  std::string sentence;
};

}  // namespace hangtag
