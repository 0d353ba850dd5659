#include "pkg/apply/request_memory.h"

#include <string>

#include "gmock/gmock.h"

namespace fairlead::apply {
namespace {

TEST(RequestMemory, ForgetsInTime) {
  RequestMemory memory;
  const base::MonotonicTime start;
  memory.Add("one", {.fingerprint = "print", .answer = {}}, start);
  ASSERT_NE(memory.Find("one", start + RequestMemory::kRemembered - base::Duration(1)), nullptr);
  EXPECT_EQ(memory.Find("one", start)->fingerprint, "print");
  EXPECT_EQ(memory.Find("one", start + RequestMemory::kRemembered), nullptr);
}

TEST(RequestMemory, ForgetsTheOldestOfTooMany) {
  RequestMemory memory;
  const base::MonotonicTime now;
  for (size_t i = 0; i <= RequestMemory::kMaxRequests; ++i) {
    memory.Add(std::to_string(i), {.fingerprint = "", .answer = {}}, now);
  }
  EXPECT_EQ(memory.Find("0", now), nullptr);
  EXPECT_NE(memory.Find("1", now), nullptr);
}

}  // namespace
}  // namespace fairlead::apply
