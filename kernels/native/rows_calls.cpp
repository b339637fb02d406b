// Rows of a table of bytes, as XLA calls for them: a batch of images picked out of all of them.
#include <cstring>

#include "call.h"

namespace hangtag {

namespace {

// How many rows ahead memory is asked, and the bytes that come at once.
constexpr int64_t kAhead = 3;
constexpr size_t kLine = 64;

// Rows after which to see whether somebody pressed Ctrl-C.
constexpr int64_t kLooking = 256;

ffi::Error take_rows(Bytes table, ffi::Buffer<ffi::S32> places, ffi::Result<Bytes> rows) {
  return reported([&] {
    const Dimensions from = dimensions(table);
    demand(from.size() == 2 && places.dimensions().size() == 1,
           "take_rows: a table of rows and a list of places; got " + text(from) + " and " +
               text(dimensions(places)));
    check_same("take_rows", "the rows", dimensions(*rows), {places.dimensions()[0], from[1]});
    const size_t length = static_cast<size_t>(from[1]);
    const int64_t count = places.dimensions()[0];
    Interrupts interrupts;
    interrupts.listen(10.0 * static_cast<double>(count) * static_cast<double>(length));
    for (int64_t row = 0; row < count; ++row) {
      const int64_t place = places.typed_data()[row];
      if (place < 0 || place >= from[0])
        throw Mismatch{"take_rows: there is no row " + std::to_string(place)};
      if (length == 0) continue;
      if (row % kLooking == 0) interrupts.heed();
      // Rows lie anywhere: ask memory for a later one while this one is copied.
      if (row + kAhead < count) {
        const int64_t later = places.typed_data()[row + kAhead];
        if (later >= 0 && later < from[0])
          for (size_t byte = 0; byte < length; byte += kLine)
            __builtin_prefetch(table.typed_data() + later * from[1] + byte);
      }
      std::memcpy(rows->typed_data() + row * from[1], table.typed_data() + place * from[1], length);
    }
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(
    hangtag_take_rows, take_rows,
    ffi::Ffi::Bind().Arg<Bytes>().Arg<ffi::Buffer<ffi::S32>>().Ret<Bytes>());

#pragma GCC visibility pop

}  // namespace hangtag
