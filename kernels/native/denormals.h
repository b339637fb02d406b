// Numbers too small for full precision as zeros, for the while of a block: what XLA asks of its own
// threads. With them a product takes a hundred times as long.
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <cstdint>

namespace hangtag {

class FlushDenormals {
 public:
  FlushDenormals() : before_(mode()) { set(before_ | kFlush); }
  ~FlushDenormals() { set(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE__)
  // Results that are too small, and operands that are.
  static constexpr uint32_t kFlush = 0x8040;
  static uint32_t mode() { return _mm_getcsr(); }
  static void set(uint32_t mode) { _mm_setcsr(mode); }
  const uint32_t before_;
#elif defined(__aarch64__)
  static constexpr uint64_t kFlush = uint64_t{1} << 24;
  static uint64_t mode() {
    uint64_t found;
    asm volatile("mrs %0, fpcr" : "=r"(found));
    return found;
  }
  static void set(uint64_t mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
  const uint64_t before_;
#else
  static constexpr int kFlush = 0;
  static int mode() { return 0; }
  static void set(int) {}
  const int before_;
#endif
};

}  // namespace hangtag
