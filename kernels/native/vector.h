// Groups of floats that one instruction works on, written with the vector extensions of GCC and
// Clang, so that one text serves AVX-512, AVX2, SSE and NEON. A file that includes this is compiled
// once per instruction set, and HANGTAG_ISA names the namespace of that copy; it uses nothing of
// the standard library that could be compiled into it, or the linker might hand a copy made for a
// newer processor to an older one.
#pragma once

#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#ifndef HANGTAG_ISA
#error "HANGTAG_ISA must name the instruction set this file is compiled for"
#endif

namespace hangtag::HANGTAG_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr int kRegisters = 32;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
constexpr int kRegisters = 16;
#else
constexpr int kLanes = 4;
#if defined(__aarch64__)
constexpr int kRegisters = 32;
#else
constexpr int kRegisters = 16;
#endif
#endif

template <int Lanes>
struct Group {
  typedef float Floats __attribute__((vector_size(Lanes * 4)));
  typedef int32_t Integers __attribute__((vector_size(Lanes * 4)));
  typedef double Doubles __attribute__((vector_size(Lanes * 8)));
};

// Unaligned: nothing that comes from XLA is promised to start on a vector boundary.
template <class Vector>
inline Vector load(const float* from) {
  Vector vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

template <class Vector>
inline void store(float* to, Vector vector) {
  __builtin_memcpy(to, &vector, sizeof vector);
}

#if defined(__AVX512F__)
// All lanes. The forms with a mask, as GCC 12 warns of its own header in those without.
constexpr __mmask16 kAll = 0xffff;
#endif

// Bytes to integers and back. Compilers make a long way of it, hence the instructions by name.
template <int Lanes>
inline typename Group<Lanes>::Integers load_bytes(const uint8_t* from) {
#if defined(__AVX512F__)
  if constexpr (Lanes == 16)
    return reinterpret_cast<Group<16>::Integers>(
        _mm512_maskz_cvtepu8_epi32(kAll, _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
#endif
#if defined(__AVX2__)
  if constexpr (Lanes == 8)
    return reinterpret_cast<Group<8>::Integers>(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
#endif
  typename Group<Lanes>::Integers integers;
  for (int lane = 0; lane < Lanes; ++lane) integers[lane] = from[lane];
  return integers;
}

template <int Lanes>
inline void store_bytes(uint8_t* to, typename Group<Lanes>::Integers integers) {
#if defined(__AVX512F__)
  if constexpr (Lanes == 16) {
    const __m128i bytes = _mm512_maskz_cvtepi32_epi8(kAll, reinterpret_cast<__m512i>(integers));
    return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  }
#endif
#if defined(__AVX2__)
  if constexpr (Lanes == 8) {
    const auto wide = reinterpret_cast<__m256i>(integers);
    const __m128i words =
        _mm_packus_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    return _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
  }
#endif
  for (int lane = 0; lane < Lanes; ++lane) to[lane] = static_cast<uint8_t>(integers[lane]);
}

// A NaN stays one, as every comparison with it is false.
template <class Floats>
inline Floats positive_part(Floats values) {
  return (Floats{} > values) ? Floats{} : values;
}

// Channels in groups of `Lanes`; the last group ends with the last channel and may overlap the one
// before. What is computed twice comes out the same both times, and no access leaves the array.
constexpr int64_t group_count(int64_t channels, int lanes) {
  return (channels + lanes - 1) / lanes;
}

constexpr int64_t group_start(int64_t group, int64_t channels, int lanes) {
  return group * lanes + lanes <= channels ? group * lanes : channels - lanes;
}

template <int Value>
struct Constant {
  static constexpr int value = Value;
};

// Calls `body(Constant<count>, first group)` for all groups of channels, `Together` of them as long
// as there are as many, then one at a time.
template <int Lanes, int Together, class Body>
inline void for_groups(int64_t channels, Body body) {
  const int64_t groups = group_count(channels, Lanes);
  int64_t group = 0;
  for (; group + Together <= groups; group += Together) body(Constant<Together>{}, group);
  for (; group < groups; ++group) body(Constant<1>{}, group);
}

// Calls `body` with the number of lanes (what `lanes_for` gives) as a constant of its type.
template <class Body>
inline void with_lanes(int lanes, Body body) {
  if (lanes == kLanes) return body(Constant<kLanes>{});
  if constexpr (kLanes > 8)
    if (lanes == 8) return body(Constant<8>{});
  if constexpr (kLanes > 4)
    if (lanes == 4) return body(Constant<4>{});
  body(Constant<1>{});
}

}  // namespace hangtag::HANGTAG_ISA
