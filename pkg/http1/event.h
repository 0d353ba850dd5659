#pragma once

#include <cstdint>

namespace fairlead::http1 {

// What a reader found next in its input. A reader is asked again and again until it says kNeedMore, kEnd or
// kError.
enum class Event : uint8_t {
  kNeedMore,  // all input was taken; ask again with more
  kHead,      // a head is complete: see head()
  kBody,      // a piece of the body: see body()
  kEnd,       // the message is complete: see trailers(). Whatever input is left belongs to what follows it
  kError,     // the message is refused: see error(). Nothing follows
};

}  // namespace fairlead::http1
