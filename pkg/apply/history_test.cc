#include "pkg/apply/history.h"

#include <string>

#include "gmock/gmock.h"

namespace fairlead::apply {
namespace {

using ::testing::SizeIs;

KeptRevision Revision(uint64_t number, size_t bytes, const std::string& etag = {},
                      const std::string& summary = {}) {
  KeptRevision revision;
  revision.etag = etag;
  revision.info.summary = summary;
  revision.info.revision = number;
  revision.config.assign(bytes, 'x');
  return revision;
}

TEST(History, KeepsTheNewest) {
  History history;
  for (uint64_t i = 1; i <= History::kRevisions + 1; ++i) history.Add(Revision(i, 1));
  EXPECT_EQ(history.Find(1), nullptr);
  EXPECT_EQ(history.Find(2)->info.revision, 2u);
  EXPECT_THAT(history.List(), SizeIs(History::kRevisions));
  EXPECT_EQ(history.List().front().revision, History::kRevisions + 1);
}

TEST(History, KeepsOneOfTheSameConfiguration) {
  History history;
  history.Add(Revision(1, 10, "one", "what it did"));
  EXPECT_EQ(history.NewestAlike("one")->info.revision, 1u);
  history.Add(Revision(2, 10, "one", "endpoints"));
  ASSERT_THAT(history.List(), SizeIs(1));
  EXPECT_EQ(history.List()[0].revision, 2u);
  EXPECT_EQ(history.List()[0].summary, "what it did");
  history.Add(Revision(3, 10, "two"));
  EXPECT_EQ(history.NewestAlike("one"), nullptr);
  EXPECT_THAT(history.List(), SizeIs(2));
}

TEST(History, KeepsFewerOfLargeOnes) {
  History history;
  for (uint64_t i = 1; i <= 3; ++i) history.Add(Revision(i, History::kBytes / 2));
  EXPECT_THAT(history.List(), SizeIs(2));
  history.Add(Revision(4, History::kBytes + 1));
  EXPECT_THAT(history.List(), SizeIs(1));
}

}  // namespace
}  // namespace fairlead::apply
