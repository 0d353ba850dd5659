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

TEST(RequestMemory, ForgetsTheOldestOfTooMuch) {
  RequestMemory memory;
  const base::MonotonicTime now;
  Answer answer = Answer::Refusal(Verdict::kInvalid, std::string(RequestMemory::kMaxBytes / 4, 'x'));
  for (const char* id : {"one", "two", "three", "four"}) {
    memory.Add(id, {.fingerprint = "", .answer = answer}, now);
  }
  EXPECT_EQ(memory.Find("one", now), nullptr);
  EXPECT_NE(memory.Find("two", now), nullptr);
}

TEST(RequestMemory, CountsWhatTheAnswersOfABatchShareOnce) {
  RequestMemory memory;
  const base::MonotonicTime now;
  auto impact = std::make_shared<Impact>();
  impact->changed = {std::string(RequestMemory::kMaxBytes / 4, 'x')};
  Answer answer;
  answer.impact = impact;
  for (int i = 0; i < 100; ++i) memory.Add(std::to_string(i), {.fingerprint = "", .answer = answer}, now);
  EXPECT_NE(memory.Find("0", now), nullptr);
}

}  // namespace
}  // namespace fairlead::apply
