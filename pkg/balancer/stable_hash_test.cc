#include "pkg/balancer/stable_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::balancer {
namespace {

struct Vector {
  std::string bytes;
  uint64_t plain;
  uint64_t seeded;  // with 1
};

// Written down because proxies of other versions count on them.
const Vector kVectors[] = {
    {"", 0x2d06800538d394c2, 0x4dc5b0cc826f6703},
    {"a", 0xe6c632b61e964e1f, 0xd2f6d0996f37a720},
    {std::string("\xc0\x00\x02\x01", 4), 0x2c1c901eed9adc4a, 0x7c07979fd1768596},  // 192.0.2.1
    {"192.0.2.1:80", 0x393ba78acb80b196, 0x8a59ee96810ed0a3},
    {"chat-0", 0x7b71149a1f8f154f, 0x140909e23a4f1eb0},
    {std::string(300, 'x'), 0xa5d1b4607dc83554, 0x34c297d5dc46ccff},
};

TEST(StableHash, GivesTheWrittenValues) {
  for (const Vector& vector : kVectors) {
    EXPECT_EQ(StableHash(vector.bytes), vector.plain) << vector.bytes;
    EXPECT_EQ(StableHash(vector.bytes, 1), vector.seeded) << vector.bytes;
  }
}

}  // namespace
}  // namespace fairlead::balancer
