#include "pkg/tls/record_framer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkg/tls/record.h"

namespace fairlead::tls {
namespace {

using Result = RecordFramer::Result;

std::string Record(size_t payload, char fill) {
  std::string record = {23, 3, 3, static_cast<char>(payload >> 8), static_cast<char>(payload)};
  return record.append(payload, fill);
}

// Every record that comes of the pieces.
std::vector<std::string> Cut(const std::vector<std::string>& pieces) {
  RecordFramer framer;
  std::vector<std::string> records;
  for (const std::string& piece : pieces) {
    std::string_view in = piece;
    std::string_view record;
    while (framer.Next(&in, kMaxCiphertext, &record) == Result::kRecord) records.emplace_back(record);
    EXPECT_TRUE(in.empty());
  }
  EXPECT_TRUE(framer.rest().empty());
  return records;
}

TEST(RecordFramer, CutsTheSameHoweverThePiecesAre) {
  const std::vector<std::string> records = {Record(1, 'a'), Record(20, 'b'), Record(0, 'c'), Record(7, 'd')};
  std::string all;
  for (const std::string& record : records) all += record;
  for (size_t first = 0; first <= all.size(); ++first) {
    for (size_t second = first; second <= all.size(); ++second) {
      ASSERT_EQ(Cut({all.substr(0, first), all.substr(first, second - first), all.substr(second)}), records)
          << first << " " << second;
    }
  }
}

TEST(RecordFramer, LooksAtWholeRecordsWhereTheyLie) {
  const std::string all = Record(10, 'a') + Record(10, 'b');
  RecordFramer framer;
  std::string_view in = all;
  std::string_view record;
  ASSERT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kRecord);
  EXPECT_EQ(record.data(), all.data());
  ASSERT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kRecord);
  EXPECT_EQ(record.data(), all.data() + 15);
}

TEST(RecordFramer, HoldsBytesForLater) {
  const std::string all = Record(10, 'a') + Record(20, 'b') + Record(30, 'c');
  RecordFramer framer;
  framer.Hold(all.substr(0, 40));
  framer.Hold(all.substr(40, 5));
  std::string_view in = std::string_view(all).substr(45);
  std::string_view record;
  for (const std::string& expected : {Record(10, 'a'), Record(20, 'b'), Record(30, 'c')}) {
    ASSERT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kRecord);
    EXPECT_EQ(record, expected);
  }
  EXPECT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kMore);
}

TEST(RecordFramer, RefusesALengthBeforeItsContentComes) {
  std::string header = Record(0, 'x');
  header[3] = static_cast<char>((kMaxCiphertext + 1) >> 8);
  header[4] = static_cast<char>(kMaxCiphertext + 1);
  for (size_t split = 0; split < header.size(); ++split) {
    RecordFramer framer;
    std::string_view record;
    std::string_view in = std::string_view(header).substr(0, split);
    EXPECT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kMore);
    in = std::string_view(header).substr(split);
    EXPECT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kOversize);
    EXPECT_EQ(std::string(framer.rest()) + std::string(in), header);
  }
}

TEST(RecordFramer, KnowsWhatIsNoRecord) {
  for (const std::string foreign : {"GET / HTTP/1.1\r\n", "\x17\x02\x03\x01\x01", "\x18\x03\x03\x01\x01"}) {
    RecordFramer framer;
    std::string_view record;
    std::string_view in = foreign;
    EXPECT_EQ(framer.Next(&in, kMaxCiphertext, &record), Result::kForeign);
  }
}

}  // namespace
}  // namespace fairlead::tls
